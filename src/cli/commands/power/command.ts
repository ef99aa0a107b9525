import { someTimeMs } from '../../options/duration.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { Call, CommandRecord, OptionRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import type { Power } from './run.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly quiet?: boolean;
}

interface StopOptions extends Options {
  readonly force?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

type Names = readonly [readonly string[]];

const USUAL: readonly OptionRecord[] = [
  ...SELECTION_OPTIONS,
  outputOption('text for people, or a JSON document for each VM'),
  quietOption('output'),
];

const STOPPING: readonly OptionRecord[] = [
  { flags: '--force', about: 'force the VM off at once, without asking its guest', conflicts: ['timeout'] },
  {
    flags: '--timeout <duration>',
    about: 'how long a guest may take to shut down: 90s, 5m (default: 60s)',
    parse: someTimeMs,
  },
];

const MANY = `Of several VMs at most 16 are waited for at the same time. If one fails, the others go on.`;

export const start: CommandRecord<Names, Options> = {
  name: 'start',
  about: 'start VMs that are off',
  args: [VM_NAMES],
  options: USUAL,
  notes: `${MANY} A VM that runs already counts as started.`,
  examples: [
    'plow start my-vm',
    'plow start web-1 web-2',
    "plow start 'web-*'",
    'plow start --tag web --tag db',
    'plow start --all',
    'plow start hv1:web hv2:db                  # hosts of the settings file',
    'plow start -o json my-vm | jq -r .status',
    'plow start --quiet my-vm',
  ],
  run: (call) => runIt(call, { action: 'start' }, call.args[0]),
};

export const stop: CommandRecord<Names, StopOptions> = {
  name: 'stop',
  about: 'ask guests to shut down, and wait until they have',
  args: [VM_NAMES],
  options: [...STOPPING, ...USUAL],
  notes: `The power button is pressed, and again every 10 seconds: a guest that boots may not have
heard it. A guest that does not shut down in time still runs, which is an error. Only --force
pulls the plug.

${MANY} A VM that is not running counts as stopped.`,
  examples: [
    'plow stop my-vm',
    'plow stop --timeout 5m db',
    'plow stop --force test-1 test-2',
    "plow stop 'web-*'",
    'plow stop --tag web',
    'plow stop --all',
    'plow stop --all-hosts --tag blue',
    "plow stop -o json --all | jq -r 'select(.error) | .name'",
    'plow stop --quiet my-vm',
  ],
  run: (call) => runIt(call, stopping('stop', call.options), call.args[0]),
};

export const restart: CommandRecord<Names, StopOptions> = {
  name: 'restart',
  about: 'stop VMs and start them again, so that what waits for a start takes effect',
  summary: 'stop VMs and start them again',
  args: [VM_NAMES],
  options: [...STOPPING, ...USUAL],
  notes: `As plow stop and then plow start: a new QEMU starts from what is stored. A VM that is off is
started; one whose memory was saved goes on from there.

${MANY}`,
  examples: [
    'plow restart my-vm',
    'plow restart --timeout 5m db',
    'plow restart --force test-1',
    "plow restart 'web-*'",
    'plow restart --tag web',
    'plow restart --all',
    'plow restart -o json my-vm | jq -r .status',
    'plow restart --quiet my-vm',
  ],
  run: (call) => runIt(call, stopping('restart', call.options), call.args[0]),
};

export const suspend: CommandRecord<Names, Options> = {
  name: 'suspend',
  about: 'halt the CPUs of VMs, which keep their memory',
  args: [VM_NAMES],
  options: USUAL,
  notes: `The guest does not notice; its clock falls behind. plow resume lets it go on.

${MANY}`,
  examples: [
    'plow suspend my-vm',
    "plow suspend 'web-*'",
    'plow suspend --tag web',
    'plow suspend --all',
    'plow suspend -o json my-vm | jq -r .status',
    'plow suspend --quiet my-vm',
  ],
  run: (call) => runIt(call, { action: 'suspend' }, call.args[0]),
};

export const resume: CommandRecord<Names, Options> = {
  name: 'resume',
  about: 'let suspended VMs go on, and wake those that sleep',
  args: [VM_NAMES],
  options: USUAL,
  notes: MANY,
  examples: [
    'plow resume my-vm',
    "plow resume 'web-*'",
    'plow resume --tag web',
    'plow resume --all',
    'plow resume -o json my-vm | jq -r .status',
    'plow resume --quiet my-vm',
  ],
  run: (call) => runIt(call, { action: 'resume' }, call.args[0]),
};

export const autostart: CommandRecord<readonly ['on' | 'off', readonly string[]], Options> = {
  name: 'autostart',
  about: 'say whether VMs start with the host',
  args: [{ usage: '<on|off>', about: 'whether they do', choices: ['on', 'off'] }, VM_NAMES],
  options: USUAL,
  notes: MANY,
  examples: [
    'plow autostart on my-vm',
    "plow autostart off 'test-*'",
    'plow autostart on --tag web',
    'plow autostart off --all',
    'plow autostart on -o json my-vm | jq -r .status',
    'plow autostart on --quiet my-vm',
  ],
  run: (call) => runIt(call, { action: 'autostart', on: call.args[0] === 'on' }, call.args[1]),
};

function stopping(action: 'stop' | 'restart', { force = false, timeout }: StopOptions): Power {
  return { action, isForced: force, withinMs: timeout };
}

async function runIt(
  { options, globals, environment }: Pick<Call<never, Options>, 'options' | 'globals' | 'environment'>,
  power: Power,
  names: readonly string[],
): Promise<number> {
  const selection = selectionOf(power.action, names, options);
  const { runPower } = await import('./run.ts');
  const all = await allSettingsOf(globals, environment, 'the connection');
  const format = options.quiet === true ? 'quiet' : options.output;
  await runPower(power, selection, format, all, environment);
  return 0;
}
