import { bootNumber, lineCount, moment } from '../../options/lines.ts';
import { areSeveral } from '../../run/hosts/several.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import type { CommandRecord } from '../../record/command.ts';
import type { LogOptions } from './run.ts';

const FORMATS: readonly LogOptions['output'][] = ['text', 'json'];

export const log: CommandRecord<readonly [string], LogOptions> = {
  name: 'log',
  alias: 'logs',
  about: 'print what the serial console of a VM wrote, from its first boot on',
  summary: 'print what the serial console of a VM wrote',
  args: [{ usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } }],
  options: [
    { flags: '-f, --follow', about: 'go on with what comes, until the VM is off' },
    { flags: '-n, --lines <count>', about: 'the last lines only', parse: lineCount },
    {
      flags: '--boot <number>',
      about: 'one boot only: 0 the last, -1 the one before it, 1 the first that is kept',
      parse: bootNumber,
    },
    {
      flags: '--since <time>',
      about: 'nothing that is older: 10m, 2h, or a moment such as 2026-01-02T15:00',
      parse: moment,
    },
    {
      flags: '-o, --output <format>',
      about: 'text for people, or an object a line for programs',
      choices: FORMATS,
      defaultValue: 'text',
    },
  ],
  notes: `The log is console.log in the VM's directory, which goes with the VM. virtlogd bounds
it: 2 MiB and three older parts, unless it is told otherwise.

A boot begins where a firmware, a boot loader or a kernel says its first words. --since
goes by the clock of the guest, which Linux and cloud-init tell as they boot: lines of a
boot that never told it are all printed.

With --all-hosts, --host hv1,hv2 or --host label:prod it is the log of the VM of this name wherever there
is one; each line begins with its host. -f follows all of them.`,
  examples: [
    'plow log my-vm',
    'plow log my-vm -f',
    'plow log my-vm --boot -1 -n 50',
    'plow log my-vm --since 10m',
    'plow log my-vm --all-hosts -f',
    "plow log my-vm -o json | jq -r 'select(.boot == 1).line'",
  ],
  async run({ args: [name], options, globals, environment }) {
    const [settings, ...others] = await allSettingsOf(globals, environment, 'the connection');
    if (settings === undefined) throw new Error('there is one host at least');
    const all = [settings, ...others];
    if (!areSeveral(all)) return (await import('./run.ts')).runLog(name, options, settings, environment);
    return (await import('./hosts.ts')).runLogOnHosts(name, options, all, environment);
  },
};
