/** A record of comma-separated values. https://www.rfc-editor.org/rfc/rfc4180 */
export function csvLine(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]|^\s|\s$/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}
