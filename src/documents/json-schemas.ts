import * as z from 'zod/mini';
import { errorDocument } from './error-schema.ts';
import { listDocument } from './list-schema.ts';
import { resultDocument } from './result-schema.ts';
import { showDocument } from './show-schema.ts';

const DOCUMENTS = {
  list: { shape: listDocument, title: 'What plow list -o json and -o yaml print' },
  show: { shape: showDocument, title: 'What plow show -o json and -o yaml print' },
  result: {
    shape: resultDocument,
    title: 'A line of what plow create -o json and plow destroy -o json print',
  },
  error: {
    shape: errorDocument,
    title: 'What commands with -o json or -o yaml print on stderr when they fail',
  },
} as const;

export type DocumentName = keyof typeof DOCUMENTS;

/** Keys may come, so that programs must not refuse what they do not know. Draft 2020-12. https://json-schema.org/draft/2020-12/json-schema-core */
export function documentJsonSchema(name: DocumentName): Readonly<Record<string, unknown>> {
  const { shape, title } = DOCUMENTS[name];
  const { $schema, ...rest } = z.toJSONSchema(shape, {
    override: ({ jsonSchema }) => void delete jsonSchema.additionalProperties,
  });
  return { $schema, title, ...rest };
}
