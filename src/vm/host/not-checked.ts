/** Programs read the names: they stay as they are. */
export const NOT_CHECKED_NAMES = [
  'features',
  'cpu-model',
  'memory',
  'cpus',
  'hugepages',
  'bridges',
  'gateway',
  'vlan',
  'own-address',
  'neighbours',
  'other-hosts',
  'routing',
  'image',
  'link',
  'share',
  'virtiofsd',
  'storage-path',
  'vm-directory',
  'access',
  'file-system',
] as const;

type NotCheckedName = (typeof NOT_CHECKED_NAMES)[number];

/** What nobody looked at, in words. */
const WHAT: Readonly<Record<NotCheckedName, string>> = {
  features: 'firmware and CPU mode',
  'cpu-model': 'the CPU model',
  memory: 'the memory',
  cpus: 'CPUs and nodes of the hypervisor',
  hugepages: 'huge pages of the hypervisor',
  bridges: 'the bridges',
  vlan: 'whether bridges filter VLANs',
  gateway: 'the subnets of the bridges',
  'own-address': "the hypervisor's own addresses",
  neighbours: 'who answers at the addresses',
  'other-hosts': 'what other hosts have in use',
  routing: 'the routes of the hypervisor',
  image: 'the image',
  link: 'links of images',
  share: 'the share',
  virtiofsd: 'virtiofsd',
  'storage-path': 'the storage path',
  'vm-directory': "the VM's directory",
  access: "the way of QEMU's user through",
  'file-system': 'the file system of',
};

/** A check that could not be made, and that a create might fail by. */
export interface NotChecked {
  readonly check: NotCheckedName;
  /** File or directory of the hypervisor, where it is about one. */
  readonly path?: string;
  readonly why: string;
}

function whatOf({ check, path }: NotChecked): string {
  return path === undefined ? WHAT[check] : `${WHAT[check]} ${path}`;
}

/** `the image /a.qcow2 was not looked at: no pool shows /` */
export function toldNotChecked(one: NotChecked): string {
  return `${whatOf(one)} was not looked at: ${one.why}`;
}

/** `2 checks were not made (the image /a.qcow2, the storage path /b)`; undefined where all were. */
export function countNotChecked(all: readonly NotChecked[]): string | undefined {
  if (all.length === 0) return undefined;
  const how = all.length === 1 ? 'check was' : 'checks were';
  return `${all.length} ${how} not made (${all.map(whatOf).join(', ')})`;
}

/** Collects them, each once. */
export class Omissions {
  readonly #all = new Map<string, NotChecked>();

  readonly add = (one: NotChecked): void => {
    this.#all.set(`${one.check} ${one.path ?? ''} ${one.why}`, one);
  };

  get all(): readonly NotChecked[] {
    return [...this.#all.values()];
  }
}
