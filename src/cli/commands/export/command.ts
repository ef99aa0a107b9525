import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';
import type { ExportOptions } from './run.ts';

interface Options extends Partial<Omit<ExportOptions, 'directory'>> {
  readonly all?: boolean;
  readonly directory?: string;
}

export const exportVms: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'export',
  about: 'write the YAML file of an existing VM, made by plow or not',
  args: [{ usage: '[vm-name...]', about: 'names of VMs', completes: { kind: 'vms' } }],
  options: [
    { flags: '--all', about: 'every VM of the hypervisor (with -d)' },
    {
      flags: '-d, --directory <dir>',
      about: 'write a file NAME.yaml for each into this directory',
      completes: { kind: 'directories' },
    },
    { flags: '--force', about: 'with -d: overwrite files' },
    { flags: '--show-secrets', about: 'write password hashes and private keys as well' },
    {
      flags: '--adopt',
      about: "write plow's metadata into the VM: from then on plow manages it as one of its own",
    },
  ],
  notes: `The file comes from plow's metadata, else from the domain, its be:ef MAC addresses,
its volumes and its seed ISO. What a VM file cannot say stands in it as comments.
plow validate names what is missing. Only --adopt changes anything.`,
  examples: [
    'plow export web > web.yaml',
    'plow export --all -d vms && plow validate vms/*.yaml',
    'plow export --show-secrets --force -d vms web db',
    'plow export --adopt web > web.yaml',
  ],
  async run({ args: [names], options, globals, environment, refuse }) {
    const { all = false, directory, force = false, showSecrets = false, adopt = false } = options;
    if (all ? names.length > 0 : names.length === 0) refuse('name VMs, or give --all');
    if (directory === undefined && (all || new Set(names).size > 1))
      refuse('several VMs need a directory for their files: -d DIR');
    if (directory === undefined && force) refuse('--force goes with -d');
    const { runExport } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'everything');
    const given = { directory, force, showSecrets, adopt };
    return runExport(all ? 'all' : [...new Set(names)], given, settings, environment);
  },
};
