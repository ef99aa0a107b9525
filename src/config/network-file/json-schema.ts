import * as z from 'zod/mini';

import { networkFile } from './schema.ts';

/**
 * The schema of a network file for editors. Draft 2020-12.
 * https://json-schema.org/draft/2020-12/json-schema-core
 */
export function networkJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(networkFile, { io: 'input' });
  return {
    $schema,
    title: 'Network file of plow',
    description: 'Which addresses routed VMs of a hypervisor may have, and which routers are told of them.',
    ...rest,
  };
}
