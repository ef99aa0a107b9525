import type { CheckedText } from '../../config/vm-file/check.ts';
import { byPlace } from '../../config/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../config/diagnostics/diagnostic.ts';
import { documentText } from '../../documents/serialize.ts';
import type { NotChecked } from '../../vm/host/not-checked.ts';

/** Grows by keys only; a change of what is there is another version. */
const VERSION = 1;

/**
 * What `plow validate -o json` prints, as docs/validate.md says: every diagnostic, file by file in the order given, each
 * from top to bottom. @param notChecked undefined where no hypervisor was asked
 */
export function validationDocument(
  files: readonly CheckedText[],
  more: readonly Diagnostic[],
  notChecked?: readonly NotChecked[],
): string {
  const mistakes = files.flatMap(({ file, diagnostics }) =>
    [...diagnostics, ...more.filter((diagnostic) => diagnostic.file === file)].toSorted(byPlace),
  );
  const document = {
    version: VERSION,
    files: files.length,
    omitted: files.reduce((sum, { omitted }) => sum + omitted, 0),
    mistakes: mistakes.map(toEntry),
    not_checked: notChecked,
  };
  return documentText(document, 'json');
}

/** JSON has no keys that are undefined. */
function toEntry({ file, spot, key, severity, text, suggestion, origin }: Diagnostic): object {
  const { line = 1, column = 1, endColumn = 1 } = spot ?? {};
  return { file, line, column, endColumn, key, severity, message: text, suggestion, origin };
}
