import { PlowError } from '../../errors/plow-error.ts';
import { checkFiles } from './check-files.ts';
import { checkText } from './check.ts';
import type { CheckedText } from './check.ts';
import { asMistake, describe, omission } from '../diagnostics/diagnostic.ts';
import type { LoadedMachine } from '../machine.ts';
import type { FileTexts } from './referenced-files.ts';
import type { DefaultsByHost } from './to-machine.ts';
import type { VmFileReader } from './reader.ts';

/**
 * Reads the machines that files describe, in their order.
 * @param files as checkFiles takes them
 * @throws PlowError of kind `config` if one cannot be read or is not YAML, else of kind `validation` if one
 * breaks rules or claims
 *   what an earlier one has: one line for each mistake of all of them
 */
export async function readMachineFiles(
  files: readonly string[],
  defaults: DefaultsByHost,
  reader?: VmFileReader,
): Promise<readonly LoadedMachine[]> {
  const checked = await checkFiles(files, defaults, reader);
  const refused = checked.filter(({ refusal }) => refusal !== undefined);
  if (refused.length > 0) {
    const kind = refused.some(({ refusal }) => refusal === 'config') ? 'config' : 'validation';
    const mistakes = refused.flatMap(({ diagnostics }) => diagnostics).map(asMistake);
    throw new PlowError(kind, refused.flatMap(linesOf).join('\n'), { mistakes });
  }
  return checked.map(loadedOrRefused);
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
  defaults: DefaultsByHost,
  texts?: FileTexts,
): LoadedMachine {
  return loadedOrRefused(checkText(file, text, defaults, texts));
}

function loadedOrRefused(checked: CheckedText): LoadedMachine {
  const { machine, refusal = 'validation', diagnostics, report, isSaid } = checked;
  const lines = linesOf(checked);
  if (machine === undefined) {
    throw new PlowError(refusal, lines.join('\n'), { mistakes: diagnostics.map(asMistake) });
  }
  return {
    machine,
    file: checked.file,
    host: checked.host,
    warnings: lines,
    locate: (path) => describe(report(path, '')),
    mistake: (path, text) => asMistake(report(path, text)),
    ...(isSaid === undefined ? {} : { isSaid }),
    ...imagesOf(checked),
  };
}

/** What is known of the images that it names, by the keys that have something. */
function imagesOf({ localImage, localMedium, imageLock, mediumLock }: CheckedText): Partial<LoadedMachine> {
  return {
    ...(localImage === undefined ? {} : { localImage }),
    ...(localMedium === undefined ? {} : { localMedium }),
    ...(imageLock === undefined ? {} : { imageLock }),
    ...(mediumLock === undefined ? {} : { mediumLock }),
  };
}

function linesOf({ file, diagnostics, omitted }: CheckedText): readonly string[] {
  return [...diagnostics.map(describe), ...omission(file, omitted)];
}
