import { vmJsonSchema } from '../config/json-schema.ts';
import { schemaReference } from '../config/schema-reference.ts';
import type { Environment } from './environment.ts';

/** `plow schema` */
export function runSchema(format: 'json' | 'markdown', { output }: Environment): void {
  const schema = vmJsonSchema();
  const text = format === 'json' ? JSON.stringify(schema, null, 2) : schemaReference(schema).trimEnd();
  output.print(text);
}
