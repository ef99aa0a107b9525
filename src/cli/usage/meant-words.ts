/**
 * Words of other tools, and what does the same here. A command that plow has not got yet is libvirt's own
 * client's.
 */
export const MEANT_COMMANDS: Readonly<Record<string, string>> = {
  delete: 'plow destroy NAME',
  remove: 'plow destroy NAME',
  undefine: 'plow destroy NAME',
  ps: 'plow list',
  status: 'plow list --all',
  get: 'plow list or plow show NAME',
  info: 'plow show NAME',
  describe: 'plow show NAME',
  inspect: 'plow show NAME',
  dumpxml: 'plow show NAME --xml',
  run: 'plow create FILE',
  launch: 'plow create FILE',
  apply: 'plow create FILE',
  prune: 'plow gc',
  clean: 'plow gc',
  check: 'plow validate FILE',
  lint: 'plow validate FILE',
  shutdown: 'plow stop NAME',
  halt: 'plow stop NAME',
  reboot: 'plow restart NAME',
  pause: 'plow suspend NAME',
  unpause: 'plow resume NAME',
  edit: 'virsh edit NAME',
  shell: 'plow ssh NAME, or plow console NAME',
  exec: 'plow ssh NAME -- COMMAND',
  cp: 'plow scp NAME:FILE .',
};

/** Flags of other tools by flags that a command may have. */
export const MEANT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '--format': ['--output'],
  '--out': ['--output'],
  '--json': ['--output'],
  '--yaml': ['--output'],
  '-a': ['--all'],
  '-A': ['--all'],
  '-v': ['--verbose', '--version'],
  '-n': ['--dry-run'],
  '-w': ['--watch'],
};
