import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import packageJson from '../package.json' with { type: 'json' };
import type { ColourOption, Environment, Interruption } from './cli/environment.ts';
import { Interrupted } from './errors/interrupted.ts';
import type { InterruptSignal } from './errors/interrupted.ts';
import { PlowError } from './errors/plow-error.ts';

/** The only file, but for start.ts, that touches `process`: variables, streams, signals, exit code. */

const BUG_EXIT_CODE = 70;
/** A reader that has stopped reading cannot keep plow from ending. */
const FLUSH_MS = 2000;
const CLOSE_MS = 1000;
const ENDS = ['SIGINT', 'SIGTERM'] as const;
const SIGNALS = [...ENDS, 'SIGHUP'] as const;
/** Signals that end plow with nothing to be done but to give the terminal back. */
const DEADLY = ['SIGQUIT', 'SIGALRM', 'SIGUSR2'] as const;
/** DECTCEM, of the VT220. */
const SHOW_CURSOR = '\u001B[?25h';

/** Set once it is loaded. */
let libvirt: typeof import('./libvirt/connect.ts') | undefined;

const interactive = process.stdout.isTTY && process.env['TERM'] !== 'dumb';

/** Set while something is drawn that must not stay. */
let giveTerminalBack: (() => void) | undefined;

/** Of this process, once libvirt is loaded. */
let threads: number | undefined;
/** As `--color` says. */
let colour: ColourOption = 'auto';
/** Streams that take no more, and why. */
const broken = new Map<NodeJS.WritableStream, NodeJS.ErrnoException>();
/** What was done, in case that it cannot be told where it should be. */
const accomplished: string[] = [];
/** Streams that something was written to: only these have anything to flush. */
const used = new Set<NodeJS.WritableStream>();

function write(stream: NodeJS.WritableStream, text: string): void {
  used.add(stream);
  if (!broken.has(stream)) stream.write(text);
}

let interruption: Interruption | undefined;

const environment: Environment = {
  variables: process.env,
  userId: process.geteuid?.() ?? 0,
  version: packageJson.version,
  get columns() {
    return process.stdout.columns as number | undefined;
  },
  get rows() {
    return process.stdout.rows as number | undefined;
  },
  holdTerminal: (stopTemporaryPool, redraw) => {
    const suspend = (): void => {
      stopTemporaryPool();
      // Without a listener the system suspends plow, where there is a shell that can have it go on.
      process.off('SIGTSTP', suspend);
      process.kill(process.pid, 'SIGTSTP');
      process.on('SIGTSTP', suspend);
      redraw();
    };
    // What ends plow at once, as it does without a listener.
    const die = (name: NodeJS.Signals): void => {
      stopTemporaryPool();
      for (const deadly of DEADLY) process.off(deadly, die);
      process.kill(process.pid, name);
    };
    process.on('SIGTSTP', suspend);
    for (const deadly of DEADLY) process.on(deadly, die);
    process.stdout.on('resize', redraw);
    giveTerminalBack = stopTemporaryPool;
    return () => {
      process.off('SIGTSTP', suspend);
      for (const deadly of DEADLY) process.off(deadly, die);
      process.stdout.off('resize', redraw);
      giveTerminalBack = undefined;
    };
  },
  output: {
    print: (text) => write(process.stdout, `${text}\n`),
    say: (text) => write(process.stderr, `${text}\n`),
    accomplished: (what) => void accomplished.push(what),
    interactive,
    lost: new Promise((resolve) => process.stdout.once('error', () => resolve())),
    get color() {
      return colour === 'auto' ? interactive && !process.env['NO_COLOR'] : colour === 'always';
    },
    stream: process.stdout,
  },
  get ask() {
    return process.stdin.isTTY && process.stdout.isTTY ? ask : undefined;
  },
  foreground: async (program, words) => {
    const { startForeground } = await import('./this-machine/foreground.ts');
    const { ended, kill } = startForeground(program, words);
    for (const name of SIGNALS) process.on(name, () => kill(name));
    return ended;
  },
  get input() {
    return process.stdin;
  },
  writeBytes: (bytes) => {
    used.add(process.stdout);
    if (broken.has(process.stdout)) return Promise.resolve();
    return new Promise((resolve) => process.stdout.write(bytes, () => resolve()));
  },
  makeRaw: () => libvirt?.makeRaw(0),
  setColour: (wish) => void (colour = wish),
  connect: async (uri, observe, access, isOneOfMany = false) => {
    if (libvirt === undefined) for (const name of ENDS) process.once(name, () => endHelpersAt(name));
    libvirt = await import('./libvirt/connect.ts');
    // Read when node starts its threads, which nothing has it do before libvirt is called.
    threads ??= libvirt.threadsFor(isOneOfMany ? undefined : uri, process.env['UV_THREADPOOL_SIZE']);
    process.env['UV_THREADPOOL_SIZE'] = String(threads);
    const tell = (words: string): void => void (process.stderr.isTTY && environment.output.say(words));
    const takesAdvice = interactive && !/\s(?:--quiet|--output|-[a-z]*[qo])/iu.test(process.argv.join(' '));
    const person = { userId: environment.userId, variables: process.env, tell, takesAdvice };
    const open = await libvirt.connect(uri, { ...person, person, observe, access, isOneOfMany, threads });
    return { ...open, close: () => Promise.race([open.close(), sleep(CLOSE_MS)]) };
  },
  // Once for a command, however many connections it has.
  interruptible: (reaction) => (interruption ??= hearSignals(reaction)),
};

function hearSignals(reaction: string | undefined): Interruption {
  const controller = new AbortController();
  // Each of many guests that are waited for at the same time listens.
  setMaxListeners(0, controller.signal);
  let now = reaction;
  const onSignal = (name: InterruptSignal): void => interrupt(controller, name, now);
  for (const name of SIGNALS) process.on(name, () => onSignal(name));
  return {
    signal: controller.signal,
    making: (isMaking) => void (now = isMaking ? 'taking back what was made' : reaction),
    settled: () => void (now = 'too late, finishing'),
  };
}

/** A terminal gives whole lines. */
function ask(question: string): Promise<string> {
  used.add(process.stdout);
  process.stdout.write(question);
  return new Promise((resolve) => {
    process.stdin.setEncoding('utf8');
    process.stdin.once('end', () => resolve(''));
    process.stdin.once('data', (line) => {
      process.stdin.pause();
      resolve(String(line));
    });
  });
}

function interrupt(controller: AbortController, name: InterruptSignal, reaction: string | undefined): void {
  const interrupted = new Interrupted(name);
  if (controller.signal.aborted) {
    if (reaction !== undefined) {
      environment.output.say(
        'left at once: what was under way may remain (plow list --all, plow destroy NAME)',
      );
    }
    // A spinner hides the cursor, and has no time left to show it again.
    if (interactive) process.stdout.write(SHOW_CURSOR);
    leaveNow(interrupted.exitCode);
    return;
  }
  if (reaction !== undefined) {
    environment.output.say(`\ninterrupted: ${reaction} (interrupt again to leave at once)`);
  }
  controller.abort(interrupted);
}

function leaveNow(code: number): void {
  giveTerminalBack?.();
  if (libvirt === undefined) process.exit(code);
  libvirt.endHelpers((pid) => process.kill(pid));
  libvirt.exitNow(code);
}

/** What libvirt started would outlive plow where its line is cut, by a signal that nobody else hears too. */
function endHelpersAt(name: InterruptSignal): void {
  if (process.listenerCount(name) > 0) return;
  libvirt?.endHelpers((pid) => process.kill(pid));
  process.kill(process.pid, name);
}

function flush(stream: NodeJS.WritableStream): Promise<void> {
  if (broken.has(stream) || !used.has(stream)) return Promise.resolve();
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** What plow ends with, and what is said of it last. */
interface Ending {
  readonly code: number;
  readonly words: readonly string[];
}

function flushed(): Promise<unknown> {
  return Promise.race([Promise.all([flush(process.stdout), flush(process.stderr)]), sleep(FLUSH_MS)]);
}

/** process.exit alone would cut a pipe off at 64 KiB. */
async function leave({ code, words }: Ending, argv: readonly string[]): Promise<void> {
  const { output } = environment;
  // Whether that which was done could be told has to be known before the last words.
  if (code !== 0 && accomplished.length > 0) {
    await flushed();
    const lost = lostOutput();
    if (lost !== undefined)
      output.say(`note: ${(await import('./text/printable.ts')).printable(lost.message)}`);
  }
  for (const line of words) output.say(line);
  await flushed();
  const lost = code === 0 ? lostOutput() : undefined;
  if (lost === undefined) return leaveNow(code);
  const ending = await endingAfter(lost, argv);
  for (const line of ending.words) output.say(line);
  leaveNow(ending.code);
}

/** Data that could not be written is an error, but not where the reader has seen enough. */
function lostOutput(): PlowError | undefined {
  const [stream, error] = [...broken].find(([, { code }]) => code !== 'EPIPE') ?? [];
  if (error === undefined) return undefined;
  const name = stream === process.stdout ? 'standard output' : 'standard error';
  // `ENOSPC: no space left on device, write`
  const why = error.message.replace(/^[A-Z\d]+: (.*), \w+$/u, '$1');
  const done = accomplished.length === 0 ? '' : `${accomplished.join(', ')}, but `;
  return new PlowError('config', `${done}the output could not be written: ${why} (${name})`);
}

async function run(argv: readonly string[]): Promise<Ending> {
  try {
    const { runCli } = await import('./cli/program.ts');
    return { code: await runCli(argv, environment), words: [] };
  } catch (error) {
    return endingAfter(error, argv);
  }
}

/** In lines, or in a document for programs where one was asked for. */
async function endingAfter(error: unknown, argv: readonly string[]): Promise<Ending> {
  const isKnown = error instanceof Interrupted || error instanceof PlowError;
  if (!isKnown) giveTerminalBack?.();
  const code = isKnown ? error.exitCode : BUG_EXIT_CODE;
  const { wantsDocument } = await import('./cli/options/wants-document.ts');
  if (wantsDocument(argv)) {
    const { errorText } = await import('./views/failure/document.ts');
    return { code, words: [errorText(isKnown ? error : await bugText(error), code)] };
  }
  if (error instanceof PlowError) {
    const { failureLines } = await import('./views/failure/text.ts');
    return { code, words: failureLines(error, argv.includes('--verbose')) };
  }
  if (!(error instanceof Interrupted)) return { code, words: [await bugText(error)] };
  const { printable } = await import('./text/printable.ts');
  return { code, words: error.message.split('\n').map(printable) };
}

async function leaveAfter(error: unknown, argv: readonly string[]): Promise<void> {
  await leave(await endingAfter(error, argv), argv);
}

async function bugText(error: unknown): Promise<string> {
  const { withSourcePlaces } = await import('./startup/source-map.ts');
  const text =
    error instanceof Error ? await withSourcePlaces(error.stack ?? error.message, __dirname) : String(error);
  return `plow ${packageJson.version}: this is a bug in plow, not a mistake of yours\n${text}`;
}

/**
 * For the build only: startup/warm-up.ts loads every room, which no command does.
 * @param file of a VM, and its text
 */
export async function warmUp(file: string, text: string, settings: string): Promise<void> {
  (await import('./startup/warm-up.ts')).warmUp(text);
  const { runCli } = await import('./cli/program.ts');
  const quiet = { ...environment, output: { ...environment.output, print: () => {}, say: () => {} } };
  for (const argv of [['--help'], ['--config', settings, 'validate', file]]) await runCli(argv, quiet);
}

/** Runs a command line and ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that went away (`plow list | head`), or a disk that is full, is no reason to leave work half
  // done.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!broken.has(stream)) broken.set(stream, error);
    });
  }
  process.once('uncaughtException', (error) => {
    process.once('uncaughtException', () => leaveNow(BUG_EXIT_CODE));
    void leaveAfter(error, argv);
  });
  await leave(await run(argv), argv);
}
