import { lstat } from 'node:fs/promises';
import { describe } from '../../../config/diagnostics/diagnostic.ts';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { newVmText } from '../../../views/new/vm-file.ts';
import type { NewVm } from '../../../views/new/vm-file.ts';
import { writePrivately } from '../../run/private-files.ts';
import { checkedVm } from './judge.ts';
import type { Surroundings } from './look.ts';
import type { Known } from './questions.ts';
import { headingsOf, nextSteps, notesOf } from './words.ts';

const STANDARD_OUTPUT = '-';

export interface Wish {
  /** As it was typed; of keys also files. */
  readonly given: Omit<NewVm, 'guest' | 'host'>;
  /** Undefined: by the name of the VM. */
  readonly file: string | undefined;
  readonly isForced: boolean;
  /** Nothing is asked, and what Enter would take is taken. */
  readonly isQuiet: boolean;
}

/** Where it is written; undefined while it has no name. */
export function fileOf({ name }: NewVm, file: string | undefined): string | undefined {
  return file ?? (name === undefined ? undefined : `${name.toLowerCase()}.yaml`);
}

/** What is in the way of a file, if anything. */
export async function whyNotWritten(file: string | undefined, isForced: boolean): Promise<readonly string[]> {
  if (file === undefined || file === STANDARD_OUTPUT || isForced) return [];
  const found = await lstat(file).catch(() => undefined);
  return found === undefined ? [] : [`${file} is there already; --force overwrites it`];
}

/** The file, with comments. */
export function textOf(known: Known, file: string, around: Surroundings): string {
  const { fill } = around.places.usual;
  return newVmText(known.vm, notesOf(known, around), headingsOf(file), fill);
}

/** @returns the exit code @throws PlowError where the file is refused, or cannot be written */
export async function writeFile(
  known: Known,
  { file: wanted, isForced }: Wish,
  defaults: DefaultsByHost,
  around: Surroundings,
): Promise<number> {
  const { output } = around.environment;
  const file = fileOf(known.vm, wanted) ?? STANDARD_OUTPUT;
  const { refusal: kind, diagnostics } = checkedVm(known.vm, file, defaults);
  if (kind !== undefined) throw new PlowError(kind, diagnostics.map(describe).join('\n'));
  const text = textOf(known, file, around);
  for (const one of diagnostics) output.say(printable(`warning: ${describe(one)}`));
  if (file === STANDARD_OUTPUT) output.print(text.replace(/\n$/u, ''));
  else {
    await writePrivately(file, text, isForced);
    output.print(printable(file));
  }
  for (const step of nextSteps(known, file, around)) output.say(printable(step));
  return 0;
}
