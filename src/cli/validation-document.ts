import type { CheckedText } from '../config/check-text.ts';
import type { Complaint } from '../config/complaint.ts';
import { documentText } from '../terminal/document.ts';

/** Grows by keys only; a change of what is there is another version. */
const VERSION = 1;

/** What `plow validate -o json` prints: every complaint, file by file in the order given. README.md documents it. */
export function validationDocument(files: readonly CheckedText[], more: readonly Complaint[]): string {
  const mistakes = files.flatMap(({ file, complaints }) => [
    ...complaints,
    ...more.filter((complaint) => complaint.file === file),
  ]);
  const document = {
    version: VERSION,
    files: files.length,
    omitted: files.reduce((sum, { omitted }) => sum + omitted, 0),
    mistakes: mistakes.map(toEntry),
  };
  return documentText(document, 'json');
}

/** JSON has no keys that are undefined. */
function toEntry({ file, spot, key, severity, text, suggestion, origin }: Complaint): object {
  const { line = 1, column = 1, endColumn = 1 } = spot ?? {};
  return { file, line, column, endColumn, key, severity, message: text, suggestion, origin };
}
