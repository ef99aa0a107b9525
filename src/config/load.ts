import { PlowError } from '../errors/plow-error.ts';
import { checkText, checkTree, treeOf } from './check-text.ts';
import type { CheckedText } from './check-text.ts';
import { describe, omission } from './complaint.ts';
import type { LoadedMachine } from './machine.ts';
import { unreadable } from './read-text.ts';
import { readReferences } from './referenced-files.ts';
import type { FileTexts } from './referenced-files.ts';
import type { MachineDefaults } from './to-machine.ts';
import { VmFileReader } from './vm-file-reader.ts';
import { withheld } from './withheld.ts';

/**
 * Reads the machine that a file describes.
 * @throws PlowError of kind `config` if the file cannot be read or is not YAML, else as loadMachine
 */
export async function readMachineFile(
  file: string,
  defaults: MachineDefaults,
  reader: VmFileReader = new VmFileReader(),
): Promise<LoadedMachine> {
  const reading = await reader.read(file);
  if (!('text' in reading)) throw unreadable(file, reading);
  const tree = treeOf(reading.text);
  const texts = await readReferences(file, tree.root.value, reader);
  const checked = checkTree(file, tree, defaults, texts);
  return loadedOrRefused(file, reading.isWithheld ? withheld(checked) : checked);
}

/**
 * The machine that a YAML text describes, with every default filled in.
 * @param file name of the text for messages
 * @param texts of the files that it names
 * @throws PlowError of kind `config` if the text is not YAML, of kind `validation` if it breaks rules:
 *   one line for each mistake, in the order of the file
 */
export function loadMachine(
  file: string,
  text: string,
  defaults: MachineDefaults,
  texts?: FileTexts,
): LoadedMachine {
  return loadedOrRefused(file, checkText(file, text, defaults, texts));
}

function loadedOrRefused(file: string, checked: CheckedText): LoadedMachine {
  const { machine, refusal = 'validation', complaints, omitted, complain } = checked;
  const lines = [...complaints.map(describe), ...omission(file, omitted)];
  if (machine === undefined) {
    throw new PlowError(refusal, lines.join('\n'));
  }
  return { machine, warnings: lines, locate: (path) => describe(complain(path, '')) };
}
