import { IMAGES, SLOW, vm } from '../integration/vms.ts';

/** A way to make a VM that takes calls of its own. */
export interface Variant {
  readonly title: string;
  readonly config: object;
  /** Shell commands on the host before a VM is created, and after it is destroyed. */
  readonly prepare: string;
  readonly restore: string;
  /** Round trips of its create and of its destroy: with fewer, a matrix covers less than it did. */
  readonly calls: { readonly create: number; readonly destroy: number };
}

const ROOT_HASH = `$6$saltsalt$${'x'.repeat(86)}`;
const SEED = { cloud_init: { root_password_hash: ROOT_HASH } };
const RAW = { boot_disk: { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format: 'raw' } };
const EVERYTHING = {
  ...SEED,
  data_disks: SLOW.data_disks.slice(0, 2),
  firmware: 'uefi',
  autostart: true,
};

/** A pool that is not plow's on the VM's directory, which holds a file that is not the VM's. */
function poolOnDirectory(start: string): Pick<Variant, 'prepare' | 'restore'> {
  return {
    prepare: `mkdir ${IMAGES}/web; touch ${IMAGES}/web/notes
      virsh -q pool-define-as theirs dir --target ${IMAGES}/web; ${start}`,
    restore: `virsh -q pool-destroy theirs || true; virsh -q pool-undefine theirs; rm -r ${IMAGES}/web`,
  };
}

const NOTHING = { prepare: '', restore: '' };

export const VARIANTS: readonly Variant[] = [
  { title: 'a boot disk only', config: vm(), ...NOTHING, calls: { create: 21, destroy: 18 } },
  { title: 'everything', config: vm(EVERYTHING), ...NOTHING, calls: { create: 28, destroy: 25 } },
  {
    title: 'a raw boot disk and a seed',
    config: vm({ ...SEED, ...RAW }),
    ...NOTHING,
    calls: { create: 30, destroy: 21 },
  },
  {
    title: "a running pool on the VM's directory",
    config: vm(SEED),
    ...poolOnDirectory('virsh -q pool-start theirs'),
    calls: { create: 20, destroy: 16 },
  },
  {
    title: "a stopped pool on the VM's directory",
    config: vm(SEED),
    ...poolOnDirectory(''),
    calls: { create: 26, destroy: 18 },
  },
];
