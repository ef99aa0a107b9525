import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { VmContext } from '../../vm/context.ts';
import type { Progress } from '../../vm/progress.ts';
import { printable } from '../../text/printable.ts';
import type { Environment } from '../environment.ts';
import { hushed } from './hushed-progress.ts';
import type { Settings } from '../settings/settings.ts';

/** Connects, runs `work` and closes again. @throws PlowError */
export async function withHypervisor<T>(
  settings: Settings,
  environment: Environment,
  work: (hypervisor: Hypervisor) => Promise<T>,
  isReadOnly = false,
  isOneOfMany = false,
): Promise<T> {
  const { output } = environment;
  const trace = (call: string, milliseconds: number, about: string): void => {
    const subject = about === '' ? '' : ` ${printable(about)}`;
    output.say(`libvirt: ${timeOfDay(new Date())} ${call}${subject} ${milliseconds.toFixed(1)} ms`);
  };
  const connection = await environment.connect(
    settings.uri,
    settings.verbose ? trace : undefined,
    isReadOnly,
    isOneOfMany,
  );
  try {
    return await work(connection.hypervisor);
  } finally {
    await connection.close();
  }
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
  how: { readonly isReadOnly?: boolean; readonly isOneOfMany?: boolean } = {},
): Promise<T> {
  const progress = await plainProgress(environment);
  return withContext(settings, environment, reaction, progress, work, how);
}

async function withContext<T>(
  settings: Settings,
  environment: Environment,
  reaction: string | undefined,
  progress: Progress,
  work: (context: VmContext) => Promise<T>,
  {
    isReadOnly = false,
    isOneOfMany = false,
  }: { readonly isReadOnly?: boolean; readonly isOneOfMany?: boolean } = {},
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
  return withHypervisor(settings, environment, inContext, isReadOnly, isOneOfMany);
}

/**
 * A trace between the lines of a spinner would garble both. And a terminal that does not know its width says
 * 0 (a serial line, `script`): the spinner divides by it, and would clear lines for ever.
 */
async function makeProgress(
  environment: Environment,
  { verbose }: Settings,
): Promise<{ progress: Progress; stop: () => void }> {
  const { output, columns } = environment;
  if (output.interactive && !verbose && columns !== 0) {
    const { SpinnerProgress } = await import('../../terminal/spinner-progress.ts');
    const progress = new SpinnerProgress(output);
    return { progress, stop: () => progress.stop() };
  }
  return { progress: await plainProgress(environment, verbose), stop: () => {} };
}

async function plainProgress({ output }: Environment, isTimed = false): Promise<Progress> {
  const { PlainProgress } = await import('../../terminal/plain-progress.ts');
  return new PlainProgress(output, () => performance.now(), isTimed);
}
