import { CONDITIONS } from '../../../vm/wait/evidence.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { someTimeMs } from '../../options/duration.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly for: Condition;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly quiet?: boolean;
}

export const wait: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'wait',
  about: 'wait until VMs run, answer or are set up, and say at once why one will not',
  summary: 'wait for VMs, and say at once why one will not come up',
  args: [VM_NAMES],
  options: [
    {
      flags: '--for <condition>',
      about: 'what is waited for',
      choices: CONDITIONS,
      defaultValue: 'ssh',
    },
    {
      flags: '--timeout <duration>',
      about: 'how long the VMs may take: 90s, 10m (default: 5m)',
      parse: someTimeMs,
    },
    ...SELECTION_OPTIONS,
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `It looks at the console log, at addresses that the hypervisor and the guest agent know, and
at TCP port 22, once a second, and changes nothing. It ends with the first proof: that a
VM has come so far, or that it will not (exit code 4), and why. All VMs are waited for at
the same time.`,
  examples: [
    'plow wait my-vm',
    'plow wait my-vm --for cloud-init --timeout 10m',
    "plow wait 'web-*' --for address",
    'plow wait --tag web --for running',
    'plow wait --all --for stopped',
    'plow wait -o json my-vm | jq -r .waited.verdict',
    'plow wait --quiet my-vm && echo up',
  ],
  async run({ args: [names], options, globals, environment }) {
    const selection = selectionOf('wait', names, options);
    const { runWait } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runWait(
      { selection, condition: options.for, withinMs: options.timeout, format },
      settings,
      environment,
    );
    return 0;
  },
};
