/** What a terminal acts on: control characters but the end of a line, and the marks that turn or hide text. */
export const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * JSON that is safe in a terminal, without a line end behind it. @param indent 0: in one line
 * https://www.rfc-editor.org/rfc/rfc8259#section-7
 */
export function jsonText(value: object, indent: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(ACTIVE, (character) =>
    Array.from({ length: character.length }, (_, index) => escape(character.charCodeAt(index), 4)).join(''),
  );
}

export function escape(code: number, digits: number): string {
  return `\\u${hex(code, digits)}`;
}

export function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
