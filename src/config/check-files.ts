import { realpath } from 'node:fs/promises';

import { checkText } from './check-text.ts';
import type { CheckedText } from './check-text.ts';
import type { Complaint } from './complaint.ts';
import { crossChecked } from './cross-check.ts';
import { readReferences } from './referenced-files.ts';
import { tryToRead } from './read-text.ts';
import type { MachineDefaults } from './to-machine.ts';

/** Files that are open at a time: as many as node has threads for, and far below what a process may open. */
const MOST_OPEN = 16;

/** Checks files by themselves and against each other, in the order given; one given twice counts once. */
export async function checkFiles(
  files: readonly string[],
  defaults: MachineDefaults,
): Promise<readonly CheckedText[]> {
  const checked = await overlapping(await withoutTwins(files), (file) => checkFile(file, defaults));
  return crossChecked(checked);
}

async function checkFile(file: string, defaults: MachineDefaults): Promise<CheckedText> {
  const reading = await tryToRead(file);
  if (!('text' in reading)) return unreadable(file, reading.problem);
  return checkText(file, reading.text, defaults, await readReferences(file, reading.text));
}

function unreadable(file: string, problem: string): CheckedText {
  const complain = (_: unknown, text: string): Complaint => ({
    file,
    severity: 'error',
    key: '',
    text,
    spot: undefined,
  });
  const complaints = [complain([], problem)];
  return { file, machine: undefined, refusal: 'config', complaints, omitted: 0, value: null, complain };
}

/** A pipe has no path, and counts by its name. */
async function withoutTwins(files: readonly string[]): Promise<readonly string[]> {
  const paths = await overlapping(files, (file) => realpath(file).catch(() => file));
  const seen = new Set<string>();
  return files.filter((file, index) => {
    const path = paths[index] ?? file;
    const isNew = !seen.has(path);
    seen.add(path);
    return isNew;
  });
}

async function overlapping<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: MOST_OPEN }, worker));
  return items.flatMap((_, index) => results.get(index) ?? []);
}
