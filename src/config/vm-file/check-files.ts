import { checkTree } from './check.ts';
import type { CheckedText } from './check.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { crossChecked } from './cross-check.ts';
import { withImageLocks, withLockMistakes } from './images/image-lock.ts';
import { withLocalImages } from './images/local-image.ts';
import { readReferences } from './referenced-files.ts';
import type { DefaultsByHost } from './to-machine.ts';
import { VmFileReader } from './reader.ts';
import { vmFiles } from './files.ts';
import { finishedTrees } from './template/finish.ts';
import { withoutRepeats } from './template/repeats.ts';
import { withheld } from './withheld.ts';

/**
 * Checks files by themselves and against each other, in the order given; one given twice counts once.
 * @param files also directories of files, and `-` for standard input
 */
export async function checkFiles(
  files: readonly string[],
  defaults: DefaultsByHost,
  reader: VmFileReader = new VmFileReader(),
): Promise<readonly CheckedText[]> {
  const checked: CheckedText[] = [];
  for (const { file, problem } of vmFiles(files))
    checked.push(
      ...(problem === undefined ? await checkFile(file, defaults, reader) : [unreadable(file, problem)]),
    );
  return withoutRepeats(withLockMistakes(crossChecked(checked)));
}

/** The VMs of one file. */
async function checkFile(
  file: string,
  defaults: DefaultsByHost,
  reader: VmFileReader,
): Promise<readonly CheckedText[]> {
  const reading = await reader.read(file);
  if (!('text' in reading)) return [unreadable(file, reading.problem)];
  const all: CheckedText[] = [];
  for (const [ordinal, tree] of (await finishedTrees(file, reading.text, reader)).entries()) {
    const texts = await readReferences(file, tree.root.value, reader);
    const alone = { ...checkTree(file, tree, defaults, texts), ordinal };
    const checked = await withLocalImages(alone, reader);
    all.push(await withImageLocks(reading.isWithheld ? withheld(checked) : checked, reader));
  }
  return all;
}

function unreadable(file: string, problem: string): CheckedText {
  const report = (_: unknown, text: string): Diagnostic => ({
    file,
    severity: 'error',
    key: '',
    text,
    spot: undefined,
  });
  const diagnostics = [report([], problem)];
  return { file, machine: undefined, refusal: 'config', diagnostics, omitted: 0, value: null, report };
}
