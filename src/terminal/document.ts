import { Document, visit } from 'yaml';
import { holdsCommand } from './printable.ts';

/**
 * What a terminal acts on: control characters but the end of a line, and the marks that turn or hide text. And what a program
 * that runs CI does, in the middle of a line.
 */
const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?<=#)#(?=(?:vso|teamcity)?\[)/giu;

/**
 * A document for programs that is safe in a terminal as well: foreign strings keep every character, but those that a
 * terminal would act on are written as escapes, which parsers read back.
 */
export function documentText(value: object, format: 'json' | 'yaml'): string {
  return format === 'json' ? jsonText(value) : yamlText(value);
}

/** As documentText, JSON in one line: one of several that a program reads as they come. https://jsonlines.org */
export function documentLine(value: object): string {
  return escaped(JSON.stringify(value));
}

/** Without a line end behind it. https://www.rfc-editor.org/rfc/rfc8259#section-7 */
function jsonText(value: object): string {
  return escaped(JSON.stringify(value, undefined, 2));
}

function escaped(json: string): string {
  return json.replaceAll(ACTIVE, (character) =>
    Array.from({ length: character.length }, (_, index) => escape(character.charCodeAt(index), 4)).join(''),
  );
}

function yamlText(value: object): string {
  return yamlDocumentText(new Document(value, { aliasDuplicateObjects: false }));
}

/** A document of the package's own, with the comments it has. https://yaml.org/spec/1.2.2/#57-escaped-characters */
export function yamlDocumentText(document: Document): string {
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && isActive(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    flowCollectionPadding: false,
  });
  return text.trimEnd().replaceAll(ACTIVE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : escape(code, 4);
  });
}

/** Whether it must be in quotes, with escapes and in one line. */
function isActive(text: string): boolean {
  return text.search(ACTIVE) >= 0 || holdsCommand(text);
}

function escape(code: number, digits: number): string {
  return `\\u${hex(code, digits)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
