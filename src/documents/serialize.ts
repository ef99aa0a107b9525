import { Document, visit } from 'yaml';
import type { DocumentContent } from './json-schemas.ts';
import { ACTIVE, escape, hex, jsonDocument, versioned } from './json-text.ts';
import { holdsCommand } from '../text/printable.ts';

/**
 * A document for programs that is safe in a terminal as well: foreign strings keep every character, but those
 * that a terminal would act on are written as escapes, which parsers read back.
 */
export function documentText(content: DocumentContent, format: 'json' | 'yaml'): string {
  return format === 'json' ? jsonDocument(content, 'indented') : yamlText(versioned(content));
}

export function yamlText(value: object): string {
  return yamlDocumentText(new Document(value, { aliasDuplicateObjects: false }));
}

/**
 * A document of the package's own, with the comments it has.
 * https://yaml.org/spec/1.2.2/#57-escaped-characters
 */
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
  // One line end alone: blanks and empty lines before it may be the last text's own.
  return text.replace(/\n$/u, '').replaceAll(ACTIVE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : escape(code, 4);
  });
}

/** Whether it must be in quotes, with escapes and in one line. */
function isActive(text: string): boolean {
  return text.search(ACTIVE) >= 0 || holdsCommand(text);
}
