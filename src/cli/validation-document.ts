import type { CheckedText } from '../config/check-text.ts';
import { byPlace } from '../config/complaint.ts';
import type { Complaint } from '../config/complaint.ts';
import type { NotChecked } from '../vm/not-checked.ts';

/** Grows by keys only; a change of what is there is another version. */
const VERSION = 1;

/** Could move the cursor or turn text where the document is shown; JSON need not hold it as it is. */
const UNSAFE = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu;

/**
 * What `plow validate -o json` prints: every complaint, file by file in the order given, each from top to bottom. README.md
 * documents it. @param notChecked undefined where no hypervisor was asked
 */
export function validationDocument(
  files: readonly CheckedText[],
  more: readonly Complaint[],
  notChecked?: readonly NotChecked[],
): string {
  const mistakes = files.flatMap(({ file, complaints }) =>
    [...complaints, ...more.filter((complaint) => complaint.file === file)].toSorted(byPlace),
  );
  const document = {
    version: VERSION,
    files: files.length,
    omitted: files.reduce((sum, { omitted }) => sum + omitted, 0),
    mistakes: mistakes.map(toEntry),
    not_checked: notChecked,
  };
  return JSON.stringify(document, undefined, 2).replaceAll(UNSAFE, escape);
}

/** JSON has no keys that are undefined. */
function toEntry({ file, spot, key, severity, text, suggestion, origin }: Complaint): object {
  const { line = 1, column = 1, endColumn = 1 } = spot ?? {};
  return { file, line, column, endColumn, key, severity, message: text, suggestion, origin };
}

/** As two escapes where JSON's of four digits do not suffice. */
function escape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}
