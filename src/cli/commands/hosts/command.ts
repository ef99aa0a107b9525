import { PlowError } from '../../../errors/plow-error.ts';
import type { CommandRecord, GlobalOptions } from '../../record/command.ts';
import { allSettingsOf, settingsOf } from '../../settings/settings.ts';
import type { HostsFormat } from './run.ts';

const FORMATS: readonly HostsFormat[] = ['text', 'json', 'yaml'];

interface Options {
  readonly output: HostsFormat;
}

export const hosts: CommandRecord<readonly ['show' | undefined, string | undefined], Options> = {
  name: 'hosts',
  about: 'list the hypervisors: whether they answer, their room, their VMs, and what doctor says in a word',
  summary: 'list the hypervisors, with their room and their VMs',
  args: [
    { usage: '[show]', about: 'show all there is to know of one, and what it can', choices: ['show'] },
    { usage: '[host]', about: 'of show: its name in the settings file', completes: { kind: 'hosts' } },
  ],
  options: [
    {
      flags: '-o, --output <format>',
      about: 'a table, or a document for programs',
      choices: FORMATS,
      defaultValue: 'text',
    },
  ],
  notes: `Those of the settings file that are enabled, all at the same time; with --host those that are
named, with --connect that one. DOCTOR is the worst that plow doctor has to say: ok, warning or
failure.

show prints one of them, with its versions and what it can: each feature that plow uses and that not
every hypervisor has, whether it is there, why, and what there is instead.`,
  examples: [
    'plow hosts',
    'plow hosts --host label:prod',
    'plow hosts show hv1',
    'plow -c qemu+ssh://root@hv2/system hosts show',
    "plow hosts -o json | jq -r '.hosts[] | select(.error) | .name'",
    "plow hosts show hv1 -o json | jq -r '.features[] | select(.has == false) | .name'",
  ],
  async run({ args: [what, name], options: { output }, globals, environment }) {
    const { host, connect, allHosts } = globals;
    const isNamed = host !== undefined || connect !== undefined || allHosts !== undefined;
    if (what === 'show') {
      const { runHostShow } = await import('./show.ts');
      const settings = await settingsOf(meant(name, globals, isNamed), environment, 'everything');
      await runHostShow(output, settings, environment);
      return 0;
    }
    const { runHosts } = await import('./run.ts');
    const wanted = isNamed ? globals : { ...globals, allHosts: 'if any' as const };
    const all = await allSettingsOf(wanted, environment, 'everything');
    return runHosts(output, all, environment);
  },
};

/** @throws PlowError (config) where two are named */
function meant(name: string | undefined, globals: GlobalOptions, isNamed: boolean): GlobalOptions {
  if (name === undefined) return globals;
  if (!isNamed) return { ...globals, host: name };
  throw new PlowError('config', 'hosts show takes one host: its name, or --host, or --connect');
}
