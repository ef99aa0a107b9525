import { checkTree, treeOf } from './check-text.ts';
import type { CheckedText } from './check-text.ts';
import type { Complaint } from './complaint.ts';
import { crossChecked } from './cross-check.ts';
import { readReferences } from './referenced-files.ts';
import { tryToRead, tryToReadInput } from './read-text.ts';
import type { MachineDefaults } from './to-machine.ts';
import { STANDARD_INPUT, vmFiles } from './vm-files.ts';

/**
 * Checks files by themselves and against each other, in the order given; one given twice counts once.
 * @param files also directories of files, and `-` for standard input
 */
export async function checkFiles(
  files: readonly string[],
  defaults: MachineDefaults,
): Promise<readonly CheckedText[]> {
  const checked: CheckedText[] = [];
  for (const { file, problem } of vmFiles(files))
    checked.push(problem === undefined ? await checkFile(file, defaults) : unreadable(file, problem));
  return crossChecked(checked);
}

async function checkFile(file: string, defaults: MachineDefaults): Promise<CheckedText> {
  const reading = await (file === STANDARD_INPUT ? tryToReadInput() : tryToRead(file));
  if (!('text' in reading)) return unreadable(file, reading.problem);
  const tree = treeOf(reading.text);
  return checkTree(file, tree, defaults, await readReferences(file, tree.root.value));
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
