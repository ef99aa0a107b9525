import { IMAGES, SLOW, vm } from '../integration/vms.ts';
import { hookScript } from '../../src/routing/hook.ts';
import { HOOK_FILE } from '../../src/routing/places.ts';

/** A way to make a VM that takes calls of its own. */
export interface Variant {
  readonly title: string;
  readonly config: object;
  /** Shell commands on the host before a VM is created, and after it is destroyed. */
  readonly prepare: string;
  readonly restore: string;
  /** True where a create changes what was prepared, so that each step needs it anew. */
  readonly anew?: true;
  /** What a destroy meets: a guest that is off, that powers off when asked, or that never does. */
  readonly guest: 'off' | 'obedient' | 'deaf';
  /** Different calls of its create and of its destroy: with fewer, a matrix covers less than it did. */
  readonly calls: { readonly create: number; readonly destroy: number };
}

const ROOT_HASH = `$6$saltsalt$${'x'.repeat(86)}`;
const SEED = { cloud_init: { root_password_hash: ROOT_HASH } };
const RAW_DISK = { boot_disk: { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format: 'raw' } };

const NOTHING = { prepare: '', restore: '', guest: 'off' } as const;

const PLAIN: Variant = {
  title: 'a boot disk only',
  config: vm(),
  ...NOTHING,
  calls: { create: 18, destroy: 17 },
};

export const SEEDED: Variant = {
  title: 'a boot disk and a seed',
  config: vm(SEED),
  ...NOTHING,
  calls: { create: 22, destroy: 17 },
};

export const EVERYTHING: Variant = {
  title: 'everything',
  config: vm({ ...SEED, data_disks: SLOW.data_disks.slice(0, 2), firmware: 'uefi', autostart: true }),
  ...NOTHING,
  calls: { create: 22, destroy: 18 },
};

export const RAW: Variant = {
  title: 'a raw boot disk and a seed',
  config: vm({ ...SEED, ...RAW_DISK }),
  ...NOTHING,
  calls: { create: 24, destroy: 17 },
};

/** A pool that is not plow's on the VM's directory, which holds a file that is not the VM's. */
function poolOnDirectory(start: string): Omit<Variant, 'title' | 'calls'> {
  return {
    config: vm(SEED),
    prepare: `install -d -m 0710 -g 64055 ${IMAGES}/web; touch ${IMAGES}/web/notes
      virsh -q pool-define-as theirs dir --target ${IMAGES}/web; ${start}`,
    restore: `virsh -q pool-destroy theirs || true; virsh -q pool-undefine theirs; rm -r ${IMAGES}/web`,
    guest: 'off',
  };
}

const POOL_UUID = '0f0e0d0c-0b0a-4908-8706-050403020100';

/** As on most hosts. */
const POOL_ON_IMAGES: Variant = {
  title: 'a running pool on the storage path, which has the image',
  config: vm(SEED),
  // The same each time, also in the bytes of its definition.
  prepare: `echo "<pool type='dir'><name>default</name><uuid>${POOL_UUID}</uuid><target><path>${IMAGES}</path></target></pool>" |
      virsh -q pool-define /dev/stdin
    virsh -q pool-autostart default; virsh -q pool-start default`,
  restore: 'virsh -q pool-destroy default; virsh -q pool-undefine default',
  guest: 'off',
  calls: { create: 23, destroy: 18 },
};

export const ACTIVE_POOL: Variant = {
  title: "a running pool on the VM's directory",
  ...poolOnDirectory('virsh -q pool-start theirs'),
  calls: { create: 23, destroy: 18 },
};

const STOPPED_POOL: Variant = {
  title: "a stopped pool on the VM's directory",
  ...poolOnDirectory(''),
  calls: { create: 26, destroy: 20 },
};

/** A pool that has to look anew before it knows the image. */
export const STALE_POOL: Variant = {
  ...POOL_ON_IMAGES,
  title: 'a running pool on the storage path, which does not know the image yet',
  anew: true,
  prepare: `mv ${IMAGES}/tiny.qcow2 ${IMAGES}/kept; ${POOL_ON_IMAGES.prepare}; mv ${IMAGES}/kept ${IMAGES}/tiny.qcow2`,
};

const RELOAD = 'kill -HUP $(cat /run/libvirtd.pid)';

/** With plow's hook and no BIRD. */
const ROUTED: Variant = {
  title: 'a routed interface',
  config: vm({ ...SEED, network_interfaces: [{ mode: 'ethernet', ip: '10.55.22.22/32' }] }),
  prepare: `mkdir -p /etc/libvirt/hooks/qemu.d; cat > ${HOOK_FILE} << 'OF_HOOK'
${hookScript()}
OF_HOOK
    chmod 755 ${HOOK_FILE}; sysctl -q -w net.ipv4.ip_forward=1; ${RELOAD}`,
  restore: `rm ${HOOK_FILE}; sysctl -q -w net.ipv4.ip_forward=0; ${RELOAD}`,
  guest: 'off',
  calls: { create: 20, destroy: 17 },
};

export const IGNITED: Variant = {
  title: 'a boot disk and an Ignition config',
  config: vm({ provisioning: { format: 'ignition', root_password_hash: ROOT_HASH } }),
  ...NOTHING,
  calls: { create: 22, destroy: 17 },
};

const ISO = `${IMAGES}/medium.iso`;

/** What few VMs have, but for what takes long to start. */
const EXTRAS: Variant = {
  title: 'a medium, a screen and a file of fw_cfg',
  config: vm({
    ...SEED,
    cdrom: ISO,
    vnc: true,
    iothreads: 1,
    watchdog: { model: 'i6300esb', action: 'pause' },
    fw_cfg: [{ name: 'opt/org.example/a', file: `${IMAGES}/a.json` }],
  }),
  prepare: `genisoimage -quiet -o ${ISO} -V MEDIUM /etc/hostname 2> /dev/null; echo '{}' > ${IMAGES}/a.json`,
  restore: `rm ${ISO} ${IMAGES}/a.json`,
  guest: 'off',
  calls: { create: 22, destroy: 17 },
};

/** Of each of them plow warns. */
const SHARING: Variant = {
  title: 'a directory of the hypervisor',
  config: vm({ ...SEED, shares: [{ source: '/mnt/data', tag: 'data' }] }),
  prepare: `mount -t tmpfs -o mode=755 shared /mnt; mkdir -p /etc/plow /mnt/data; echo 'share_dirs: [/mnt/data]' > /etc/plow/config.yaml`,
  restore: 'umount /mnt; rm -r /etc/plow',
  guest: 'off',
  calls: { create: 22, destroy: 17 },
};

export const VARIANTS = [
  EVERYTHING,
  PLAIN,
  RAW,
  IGNITED,
  EXTRAS,
  SHARING,
  POOL_ON_IMAGES,
  ACTIVE_POOL,
  STOPPED_POOL,
  ROUTED,
] as const;

/**
 * A guest in 27 bytes that powers off when its button is pressed: it enables the button in PM1_EN (port 0x602
 * of a q35), looks at PM1_STS (0x600) at each tick of the timer, and asks for S5 in PM1_CNT (0x604).
 */
const BOOT_SECTOR = String.raw`\xBA\x02\x06\xB8\x00\x01\xEF\xBA\x00\x06\xFB\xF4\xED\xF6\xC4\x01\x74\xF8\xBA\x04\x06\xB8\x00\x20\xEF\xEB\xFE`;
const OBEDIENT_IMAGE = `${IMAGES}/obedient.raw`;

/** Until then nobody hears the button. */
export const UNTIL_OBEDIENT =
  'timeout 20 sh -c "until virsh qemu-monitor-command web --hmp \'i /h 0x602\' | grep -q 0x0100; do :; done"';

export const OBEDIENT: Variant = {
  title: 'a guest that powers off when asked',
  config: vm({ boot_disk: { image: OBEDIENT_IMAGE, size_gb: 1 } }),
  prepare: `bash -c "printf '${BOOT_SECTOR}' > ${OBEDIENT_IMAGE}; truncate -s 510 ${OBEDIENT_IMAGE}
    printf '\\x55\\xAA' >> ${OBEDIENT_IMAGE}; truncate -s 1M ${OBEDIENT_IMAGE}"`,
  restore: `rm ${OBEDIENT_IMAGE}`,
  guest: 'obedient',
  calls: { create: 18, destroy: 19 },
};

/** Costs the 5 seconds that plow gives a guest. */
export const DEAF: Variant = {
  ...PLAIN,
  title: 'a guest that has to be forced off',
  guest: 'deaf',
  calls: { create: 18, destroy: 20 },
};
