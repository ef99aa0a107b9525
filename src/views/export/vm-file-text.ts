import { Document, isMap } from 'yaml';
import { yamlDocumentText } from '../../documents/serialize.ts';
import { lay, part } from './draft-text.ts';

/** The value of a VM file as a person would write it. Without a line end behind it. */
export function vmFileText(value: Readonly<Record<string, unknown>>): string {
  const document = new Document(value, { version: '1.2', aliasDuplicateObjects: false });
  const { contents } = document;
  if (!isMap(contents)) throw new Error('a file of no keys');
  lay(contents);
  part(contents);
  return yamlDocumentText(document);
}
