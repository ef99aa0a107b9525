import type { CommandRecord, OptionRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options {
  readonly login?: string;
  readonly identity?: string;
  readonly acceptNewHostKey?: boolean;
}

const USUAL: readonly OptionRecord[] = [
  { flags: '-l, --login <user>', about: 'whom to log in as (default: a user of cloud_init, else root)' },
  {
    flags: '-i, --identity <file>',
    about: 'file of your private key (default: as ssh finds it)',
    completes: { kind: 'files', endings: [] },
  },
  {
    flags: '--accept-new-host-key',
    about: 'of a VM whose host keys plow does not know: add what it shows to your known_hosts',
  },
];

const KEYS = `The guest has to prove that it is the VM, by the host keys that plow create gave it: nothing is
asked, and your known_hosts is neither read nor written. Of a VM without such keys your known_hosts
decides.`;

export const ssh: CommandRecord<readonly [string, readonly string[]], Options & { readonly tty?: boolean }> =
  {
    name: 'ssh',
    about: 'log in to a VM, or run a command in it, and know that it is that VM',
    summary: 'log in to a VM, or run a command in it',
    args: [
      { usage: '<[user@]vm-name>', about: 'name of the VM', completes: { kind: 'vms' } },
      { usage: '[command...]', about: 'what its shell runs; behind -- it may have options' },
    ],
    options: [...USUAL, { flags: '-t, --tty', about: 'give the command a terminal' }],
    notes: `${KEYS}

It is the system's ssh, which reads ~/.ssh/config too; the exit code is that of ssh. The address
is the one that the VM was made with, else what libvirt has seen; it must be reachable from here.`,
    examples: [
      'plow ssh my-vm',
      'plow ssh my-vm -- journalctl -b -p err',
      'plow ssh -l admin -i ~/.ssh/admin my-vm',
      'plow ssh --tty my-vm -- top',
      'plow ssh --accept-new-host-key old-vm',
    ],
    async run({ args: [vm, command], options, globals, environment }) {
      const { runSsh } = await import('./run.ts');
      const settings = await settingsOf(globals, environment, 'the connection');
      return runSsh(vm, command, { ...wishOf(options), tty: options.tty ?? false }, settings, environment);
    },
  };

interface ScpOptions extends Options {
  readonly recursive?: boolean;
  readonly quiet?: boolean;
}

export const scp: CommandRecord<readonly [readonly string[]], ScpOptions> = {
  name: 'scp',
  about: 'copy files into a VM or out of it, and know that it is that VM',
  summary: 'copy files into a VM or out of it',
  args: [
    {
      usage: '<files...>',
      about: 'files here, or [user@][host:]vm-name:path; the last is where they go',
      completes: { kind: 'files', endings: [] },
    },
  ],
  options: [
    ...USUAL,
    { flags: '-r, --recursive', about: 'directories with all that is in them' },
    { flags: '-q, --quiet', about: 'show no progress' },
  ],
  notes: `${KEYS}

It is the system's scp, and the exit code is that of scp. One VM at a time. What has a colon before
its first slash is in a VM: write ./a:b for a file that is called so. hv2:my-vm:path is one of a VM
on a host of the settings file.`,
  examples: [
    'plow scp my-vm:/etc/hosts .',
    'plow scp a.txt b.txt my-vm:/tmp/',
    'plow scp hv2:my-vm:/etc/hosts .',
    'plow scp --recursive site my-vm:/srv/',
    'plow scp --login admin --identity ~/.ssh/admin my-vm:notes .',
    'plow scp --quiet --accept-new-host-key old-vm:/etc/motd .',
  ],
  async run({ args: [files], options, globals, environment }) {
    const [{ runScp }, { takeHostOfPlaces }] = await Promise.all([import('./run.ts'), import('./hosts.ts')]);
    const meant = await takeHostOfPlaces(files, { globals, environment });
    const settings = await settingsOf(meant.globals, environment, 'the connection');
    const { recursive = false, quiet = false } = options;
    return runScp(meant.words, { ...wishOf(options), recursive, quiet }, settings, environment);
  },
};

export const sshConfig: CommandRecord = {
  name: 'ssh-config',
  about: 'print a part of ~/.ssh/config for every VM that plow made, with its host keys',
  summary: 'print a part of ~/.ssh/config for every VM',
  notes: `ssh, scp, rsync and Ansible then know the VMs by their names, and their host keys, without plow. It
needs OpenSSH 8.5 or later. Print it again when VMs were made anew.`,
  examples: [
    'plow ssh-config >> ~/.ssh/config',
    'plow ssh-config > ~/.ssh/vms   # and in config: Include vms',
  ],
  async run({ globals, environment }) {
    const { runSshConfig } = await import('./run-config.ts');
    await runSshConfig(await settingsOf(globals, environment, 'the connection'), environment);
    return 0;
  },
};

function wishOf({ login, identity, acceptNewHostKey = false }: Options) {
  return { login, identity, acceptNewHostKey };
}
