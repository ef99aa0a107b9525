/** Where the host of a test keeps images and VMs, as it sees it itself. */
export const IMAGES = '/var/lib/libvirt/images';

/** The smallest VM, with some keys replaced; one set to undefined is left out. */
export function vm(changes: object = {}): object {
  return {
    name: 'web',
    vcpus: 1,
    memory_gib: 1,
    boot_disk: { image: `${IMAGES}/tiny.qcow2`, size_gb: 1 },
    network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0' }],
    firmware: 'bios',
    virt_type: 'qemu',
    ...changes,
  };
}

/** Its tap device takes no packets as large as these: nobody finds that out before the start. */
export const UNSTARTABLE = {
  network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', mtu: 65_535 }],
};

/** 24 data disks: a VM that takes long enough to make that a test can step in half way. */
export const SLOW = {
  data_disks: 'bcdefghijklmnopqrstuvwxy'.split('').map((letter) => ({ device: `vd${letter}`, size_gb: 1 })),
};

/** What `plow create` prints, word for word. */
export function created(
  name: string,
  { sizes = '1 GB boot', seed = false }: { sizes?: string; seed?: boolean } = {},
): string {
  return [
    `Creating VM '${name}'...`,
    '✓ Configuration validated',
    `✓ Storage created (${sizes})`,
    ...(seed ? ['✓ Cloud-init ISO generated'] : []),
    '✓ Domain defined',
    '✓ VM started',
    `Successfully created VM '${name}'`,
    '',
  ].join('\n');
}

/** What `plow destroy` prints, word for word. */
export function destroyed(
  name: string,
  { was = 'running', storage = 'removed' }: { was?: 'off' | 'running'; storage?: keyof typeof STORAGE } = {},
): string {
  return [
    `Destroying VM '${name}'...`,
    was === 'off' ? '✓ VM was off' : '✓ VM stopped',
    '✓ Domain undefined',
    STORAGE[storage],
    `Successfully destroyed VM '${name}'`,
    '',
  ].join('\n');
}

const STORAGE = {
  removed: '✓ Storage removed',
  left: '✓ No storage removed',
  none: '✓ No storage to remove',
} as const;

/** What destroy says of a VM that another tool made. */
export const foreign = (name: string): string => `note: VM '${name}' was not made by plow\n`;

/** The user-data of a seed but for the host keys, which each create makes anew. */
export function withoutHostKeys(userData: string): string {
  return userData.replace(/^ssh_deletekeys: true\nssh_keys:\n(?: .*(?:\n|$))+/mu, '').trim();
}
