/** What doctor looks at. Programs read the names: they stay as they are. */
export const CHECK_NAMES = [
  'libvirt',
  'qemu',
  'kvm',
  'uefi',
  'secure-boot',
  'tpm',
  'virtiofs',
  'hugepages',
  'storage-path',
  'direct-io',
  'space',
  'security',
  'bridges',
  'addresses',
  'routing',
  'bgp',
  'shutdown',
  'clock',
  'console-log',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** `unknown`: it cannot be told from here, which is nobody's fault. `ignored`: the settings say so. */
export const STATUSES = ['ok', 'warning', 'failure', 'unknown', 'ignored'] as const;

export type Status = (typeof STATUSES)[number];
