import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';

export const hosts: CommandRecord<readonly [], OutputFormat> = {
  name: 'hosts',
  about: 'list the hypervisors: whether they answer, their room, their VMs, and what doctor says in a word',
  summary: 'list the hypervisors, with their room and their VMs',
  options: [outputOption('a table, or a document for programs')],
  notes: `Those of the settings file that are enabled, all at the same time; with --host those that are
named, with --connect that one. DOCTOR is the worst that plow doctor has to say: ok, warning or
failure.`,
  examples: [
    'plow hosts',
    'plow hosts --host label:prod',
    "plow hosts -o json | jq -r '.hosts[] | select(.error) | .name'",
  ],
  async run({ options: { output }, globals, environment }) {
    const { runHosts } = await import('./run.ts');
    const { host, connect, allHosts } = globals;
    const isNamed = host !== undefined || connect !== undefined || allHosts !== undefined;
    const wanted = isNamed ? globals : { ...globals, allHosts: 'if any' as const };
    const all = await allSettingsOf(wanted, environment, 'everything');
    return runHosts(output === 'json', all, environment);
  },
};
