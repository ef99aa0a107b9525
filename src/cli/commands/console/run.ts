import { printable } from '../../../text/printable.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { openConsole } from '../../../vm/console/console.ts';
import type { VmConsole } from '../../../vm/console/console.ts';
import type { Environment } from '../../environment.ts';
import { aborted } from '../../run/aborted.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { typed } from './typed.ts';

/**
 * What a guest may leave behind, taken back: the other screen, colours, a hidden cursor, reports of the mouse
 * and of pastes. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
const RESET =
  '\u001B[?1047l\u001B[0m\u001B(B\u001B[?25h\u001B[?1l\u001B>\u001B[?1000;1002;1003;1006;2004l\u001B[r';
/** What a guest takes a serial line for. */
const USUAL = { rows: 24, columns: 80 };

/** `plow console <vm-name>` @throws PlowError, Interrupted */
export async function runConsole(
  name: string,
  isForced: boolean,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  checkVmName('console', name);
  await withHypervisor(settings, environment, async (hypervisor) => {
    const opening = openConsole(name, hypervisor, isForced);
    const { signal } = environment.interruptible(undefined);
    using vm = await orInterrupted(opening, signal);
    await talk(vm, environment, signal);
  });
}

/** Waits for `work`; what comes of it too late is disposed of. @throws Interrupted */
async function orInterrupted<T extends Disposable>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await Promise.race([work, aborted(signal)]);
  } catch (error) {
    work.then(
      (late) => late[Symbol.dispose](),
      () => {},
    );
    throw error;
  }
}

async function talk(vm: VmConsole, environment: Environment, signal: AbortSignal): Promise<void> {
  const { input, output } = environment;
  const name = printable(vm.name);
  const giveBack = holdRaw(name, environment);
  const keys = typed(input, (bytes) => vm.send(bytes), giveBack !== undefined);
  let isLeft = false;
  const showing = async (): Promise<'stopped'> => {
    for await (const bytes of vm.output) {
      if (isLeft) break;
      await environment.writeBytes(bytes);
    }
    return 'stopped';
  };
  try {
    const end = await Promise.race([showing(), keys.left, output.lost, aborted(signal)]);
    giveBack?.();
    const words = end === 'stopped' ? `VM '${name}' has stopped` : `left the console of VM '${name}'`;
    // The guest's last line may have no end.
    if (giveBack !== undefined) output.say(`\n${words}`);
    else if (end === 'stopped') output.say(words);
  } finally {
    isLeft = true;
    giveBack?.();
    keys.stop();
  }
}

/** The terminal for the guest alone. @returns what gives it back; undefined without a terminal */
function holdRaw(name: string, environment: Environment): (() => void) | undefined {
  const { input, output, rows, columns } = environment;
  if (!input.isTTY) return undefined;
  output.say(`the console of VM '${name}'; Ctrl-] leaves it`);
  if (output.interactive && rows !== undefined && columns !== undefined && !isUsual(rows, columns))
    output.say(`to tell the guest how large this terminal is, type there: stty rows ${rows} cols ${columns}`);
  let makeCooked = environment.makeRaw();
  const giveBack = (): void => {
    if (makeCooked === undefined) return;
    if (output.interactive) output.stream.write(RESET);
    makeCooked();
    makeCooked = undefined;
  };
  const letGo = environment.holdTerminal(giveBack, () => (makeCooked ??= environment.makeRaw()));
  return () => {
    giveBack();
    letGo();
  };
}

const isUsual = (rows: number, columns: number): boolean =>
  rows === 0 || (rows === USUAL.rows && columns === USUAL.columns);
