import * as z from 'zod/mini';

import { lockFile } from './schema.ts';

/** The schema of a lock for editors. Draft 2020-12. https://json-schema.org/draft/2020-12/json-schema-core */
export function lockJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(lockFile, { io: 'input' });
  return {
    $schema,
    title: 'Lock of images of plow',
    description: 'Which build plow create takes for the name of an image.',
    ...rest,
  };
}
