import type { Access, Denial } from '../../hypervisor/access.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { VmContext } from '../../vm/context.ts';
import type { Progress } from '../../vm/progress.ts';
import { printable } from '../../text/printable.ts';
import type { Environment } from '../environment.ts';
import { hushed } from './batch/hushed-progress.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * What a connection is for. `lacks`: for looking, also by an account that may do no more; what is then not
 * shown, in words, if anything.
 */
export type Use = 'full' | 'read-only' | { readonly lacks: string | undefined };

/** Connects, runs `work` and closes again. @throws PlowError */
export async function withHypervisor<T>(
  settings: Settings,
  environment: Environment,
  work: (hypervisor: Hypervisor) => Promise<T>,
  use: Use = 'full',
  isOneOfMany = false,
): Promise<T> {
  const { output } = environment;
  const of = isOneOfMany && settings.host !== undefined ? `${settings.host}: ` : '';
  const trace = (call: string, milliseconds: number, about: string): void => {
    const subject = about === '' ? '' : ` ${printable(about)}`;
    output.say(`libvirt: ${timeOfDay(new Date())} ${of}${call}${subject} ${milliseconds.toFixed(1)} ms`);
  };
  const access: Access = typeof use === 'string' ? use : 'as-allowed';
  const onCall = settings.verbose ? trace : undefined;
  const connection = await environment.connect(settings.uri, onCall, access, isOneOfMany);
  try {
    if (typeof use === 'object') tellDenial(connection.denied, use.lacks, of, output);
    return await work(connection.hypervisor);
  } finally {
    await connection.close();
  }
}

/** Once for a connection, before anything is shown. */
function tellDenial(
  denied: Denial | undefined,
  lacks: string | undefined,
  of: string,
  output: Environment['output'],
): void {
  if (denied === undefined || lacks === undefined) return;
  output.say(printable(`note: ${of}read-only, as ${denied.what}: ${lacks}; for all of it ${denied.repair}`));
}

/** `19:04:05.123`, as clocks here show it. */
function timeOfDay(now: Date): string {
  return `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, '0')}`;
}

/** Loads a part of the program while libvirt connects: not before, which would only have it connect later. */
export function whileConnecting<T>(load: () => Promise<T>): Promise<T> {
  return new Promise(setImmediate).then(load);
}

/**
 * Runs a workflow that shows its progress and can be interrupted.
 * @param reaction what it does when interrupted, in words
 * @param workflow `pause` takes off the terminal what is drawn of a step under way
 */
export async function runWorkflow<T>(
  settings: Settings,
  environment: Environment,
  reaction: string,
  workflow: (context: VmContext, pause: () => void) => Promise<T>,
): Promise<T> {
  const { progress, stop } = await makeProgress(environment, settings);
  try {
    return await withContext(settings, environment, reaction, progress, (context) => workflow(context, stop));
  } finally {
    stop();
  }
}

/**
 * As runWorkflow, for work whose result is all that is printed to stdout.
 * @param reaction undefined: nothing is said
 */
export async function runReport<T>(
  settings: Settings,
  environment: Environment,
  reaction: string | undefined,
  work: (context: VmContext) => Promise<T>,
  use: Use = 'full',
  isOneOfMany = false,
): Promise<T> {
  const progress = await plainProgress(environment);
  return withContext(settings, environment, reaction, progress, work, use, isOneOfMany);
}

/** Runs work with a context over a connection of its own. @throws PlowError, Interrupted */
export async function withContext<T>(
  settings: Settings,
  environment: Environment,
  reaction: string | undefined,
  progress: Progress,
  work: (context: VmContext) => Promise<T>,
  use: Use = 'full',
  isOneOfMany = false,
): Promise<T> {
  const [{ randomUUID }, { newKeyPairs }] = await Promise.all([
    import('node:crypto'),
    import('./key-pairs.ts'),
  ]);
  const inContext = (hypervisor: Hypervisor): Promise<T> => {
    const { signal, making, settled } = environment.interruptible(reaction);
    let isSettled = false;
    return work({
      hypervisor,
      progress: hushed(progress, () => signal.aborted && !isSettled),
      storagePath: settings.storagePath,
      makesStoragePath: settings.makesStoragePath,
      imageDirs: settings.imageDirs,
      shareDirs: settings.shareDirs,
      signal,
      making,
      settled: () => {
        isSettled = true;
        settled();
      },
      version: environment.version,
      now: () => new Date(),
      newUuid: randomUUID,
      newKeyPairs,
    });
  };
  return withHypervisor(settings, environment, inContext, use, isOneOfMany);
}

/**
 * A trace between the lines of a spinner would garble both. And a terminal that does not know its width says
 * 0 (a serial line, `script`): the spinner divides by it, and would clear lines for ever.
 */
export async function makeProgress(
  environment: Environment,
  { verbose }: Pick<Settings, 'verbose'>,
): Promise<{ progress: Progress; stop: () => void }> {
  const { output, columns } = environment;
  if (output.interactive && !verbose && columns !== 0) {
    const { SpinnerProgress } = await import('../../terminal/spinner-progress.ts');
    const progress = new SpinnerProgress(output);
    return { progress, stop: () => progress.stop() };
  }
  return { progress: await plainProgress(environment, verbose), stop: () => {} };
}

/** Lines for what a report has to say besides. */
export async function plainProgress({ output }: Environment, isTimed = false): Promise<Progress> {
  const { PlainProgress } = await import('../../terminal/plain-progress.ts');
  return new PlainProgress(output, () => performance.now(), isTimed);
}
