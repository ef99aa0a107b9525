import { checkFiles } from '../../../config/vm-file/check-files.ts';
import type { VmFileReader } from '../../../config/vm-file/reader.ts';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { isMap } from '../../../config/yaml/raw-value.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { vmFileText } from '../../../views/export/vm-file-text.ts';
import type { Environment } from '../../environment.ts';
import { fileLines, say, USUAL_COLUMNS, worstKind } from '../validate/run.ts';

interface RenderOptions {
  readonly output: 'yaml' | 'json';
  readonly reader: VmFileReader;
}

/**
 * `plow render <file...>`
 * @returns the exit code: that of the worst mistake there is
 */
export async function runRender(
  files: readonly string[],
  { output: format, reader }: RenderOptions,
  defaults: DefaultsByHost,
  { output, columns }: Environment,
): Promise<number> {
  const checked = await checkFiles(files, defaults, reader);
  for (const one of checked) say(output, fileLines(one, columns || USUAL_COLUMNS, false));
  const whole = checked.flatMap(({ file, written }) => (isMap(written) ? [{ file, vm: written }] : []));
  for (const [at, { file, vm }] of whole.entries()) {
    if (format === 'json') output.print(jsonDocument({ file, vm }, 'line'));
    else output.print(`${at === 0 ? '' : '---\n'}${vmFileText(vm)}`);
  }
  const worst = worstKind(checked, []);
  return worst === undefined ? 0 : EXIT_CODES[worst];
}
