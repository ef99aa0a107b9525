import { PlowError } from '../errors/plow-error.ts';
import { checkText, checkTree, treeOf } from './check-text.ts';
import type { CheckedText } from './check-text.ts';
import { asMistake, describe, omission } from './complaint.ts';
import type { LoadedMachine } from './machine.ts';
import { readText } from './read-text.ts';
import { readReferences } from './referenced-files.ts';
import type { FileTexts } from './referenced-files.ts';
import type { MachineDefaults } from './to-machine.ts';

/**
 * Reads the machine that a file describes.
 * @throws PlowError of kind `config` if the file cannot be read or is not YAML, else as loadMachine
 */
export async function readMachineFile(file: string, defaults: MachineDefaults): Promise<LoadedMachine> {
  const tree = treeOf(await readText(file));
  const texts = await readReferences(file, tree.root.value);
  return loadedOrRefused(file, checkTree(file, tree, defaults, texts));
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
    throw new PlowError(refusal, lines.join('\n'), { mistakes: complaints.map(asMistake) });
  }
  return {
    machine,
    warnings: lines,
    locate: (path) => describe(complain(path, '')),
    mistake: (path, text) => asMistake(complain(path, text)),
  };
}
