import * as z from 'zod/mini';

import { withTemplateKeys, withTemplates } from './template/json-schema.ts';
import { configFile } from './schema/vm-file.ts';

/** Draft 2020-12. https://json-schema.org/draft/2020-12/json-schema-core */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What one of several keys says, none of which is required by itself. */
const EITHER: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '': [['memory_gib'], ['memory_mib']],
  boot_disk: [['image'], ['empty']],
};

/**
 * The schema of a VM file for editors, as the YAML language server takes it. Rules between values it cannot
 * say.
 */
export function vmJsonSchema(): JsonSchema {
  return withTemplates(finishedJsonSchema());
}

/** Of the same keys, for a page about each: what a file must have is where it must have it. */
export function vmReferenceSchema(): JsonSchema {
  return withTemplateKeys(finishedJsonSchema());
}

/** The schema of a file of one VM that is made of no others. */
function finishedJsonSchema(): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(configFile, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      if (jsonSchema.required === undefined) return;
      const choices = EITHER[path.filter((part) => part !== 'properties').join('.')];
      if (choices !== undefined) {
        jsonSchema.anyOf = choices.map((keys) => ({ required: [...keys] }));
      }
    },
  });
  const { $schema, ...rest } = schema;
  return {
    $schema,
    title: 'VM file of plow',
    description: 'What plow create makes a VM from. Sizes are GiB; every other unit stands in its key.',
    ...rest,
  };
}
