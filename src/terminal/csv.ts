import { escaped } from '../text/printable.ts';

/** What a spreadsheet takes for a formula. https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/u;

/**
 * A record of comma-separated values, in one line: what a terminal or a spreadsheet would act on is made
 * harmless, control characters as escapes, formulas by an apostrophe. https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvLine(fields: readonly string[]): string {
  return fields.map(harmless).map(quotedIfNeeded).join(',');
}

function harmless(field: string): string {
  const text = escaped(field);
  return FORMULA.test(field) && !NUMBER.test(field) ? `'${text}` : text;
}

function quotedIfNeeded(field: string): string {
  return /[",]|^\s|\s$/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
