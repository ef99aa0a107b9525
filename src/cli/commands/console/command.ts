import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options {
  readonly force?: boolean;
}

export const consoleOf: CommandRecord<readonly [string], Options> = {
  name: 'console',
  about: 'type into the serial console of a VM; Ctrl-] leaves',
  args: [{ usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } }],
  options: [{ flags: '--force', about: 'take the console over from whoever else has it open' }],
  notes: `Every key goes to the guest, Ctrl-C too, and only Ctrl-] leaves. It ends when the VM stops.
A guest that shows nothing may wait for Enter.

No serial line tells the guest how large the terminal is: type the stty command there that
plow shows.

In a script, input goes to the guest and its output to standard output, until the VM stops
or nobody reads any more.`,
  examples: [
    'plow console my-vm',
    'plow console --force my-vm',
    "plow console my-vm < /dev/null | grep -m 1 'login:'",
    'plow -c qemu+ssh://root@hv2/system console my-vm',
  ],
  async run({ args: [name], options, globals, environment }) {
    const { runConsole } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    await runConsole(name, options.force === true, settings, environment);
    return 0;
  },
};
