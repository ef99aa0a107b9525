import { VERSION } from './document.ts';
import type { DocumentContent } from './json-schemas.ts';

/**
 * What a terminal acts on: control characters but the end of a line, and the marks that turn or hide text.
 * And what a program that runs CI does, in the middle of a line.
 */
export const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?<=#)#(?=(?:vso|teamcity)?\[)/giu;

/**
 * A document of plow's.
 * @param form `line`: one of several documents that a program reads as they come. https://jsonlines.org
 */
export function jsonDocument(content: DocumentContent, form: 'line' | 'indented'): string {
  return jsonText(versioned(content), form);
}

/** Version first. */
export function versioned(content: DocumentContent): object {
  return { version: VERSION, ...content };
}

/**
 * JSON that is safe in a terminal as well, without a line end behind it.
 * https://www.rfc-editor.org/rfc/rfc8259#section-7
 */
export function jsonText(value: object, form: 'line' | 'indented'): string {
  const text = form === 'line' ? JSON.stringify(value) : JSON.stringify(value, undefined, 2);
  return text.replaceAll(ACTIVE, (character) =>
    Array.from({ length: character.length }, (_, index) => escape(character.charCodeAt(index), 4)).join(''),
  );
}

export function escape(code: number, digits: number): string {
  return `\\u${hex(code, digits)}`;
}

export function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
