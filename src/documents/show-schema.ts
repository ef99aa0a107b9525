import * as z from 'zod/mini';
import { partsOf } from '../vm/show/fields/field.ts';
import type { Part, Shape } from '../vm/show/fields/field.ts';
import { VM_KEYS } from '../vm/show/fields/vm.ts';
import { domainState, seenAddress } from './list-schema.ts';
import { about, document, ofSeveral } from './shape.ts';
import type { Content } from './shape.ts';

const SCHEMAS = {
  string: z.string(),
  integer: z.int(),
  number: z.number(),
  boolean: z.boolean(),
  strings: z.array(z.string()),
  value: z.union([z.string(), z.number(), z.boolean()]),
  state: domainState,
  addresses: z.array(seenAddress),
} as const;

function objectOf(parts: readonly Part[]): z.ZodMiniType<Readonly<Record<string, unknown>>> {
  return z.strictObject(Object.fromEntries(parts.map(({ key, shape }) => [key, schemaOf(shape)])));
}

function schemaOf({ type, orNull, about: description }: Shape): z.ZodMiniType {
  const schema = typeof type === 'string' ? SCHEMAS[type] : structureOf(type);
  const whole: z.ZodMiniType = orNull ? z.nullable(schema) : schema;
  return description === undefined ? whole : about(whole, description);
}

function structureOf(type: Exclude<Shape['type'], string>): z.ZodMiniType {
  if ('parts' in type) return objectOf(type.parts);
  return 'each' in type ? z.array(objectOf(type.each)) : z.enum(type);
}

/** What `plow show -o json` and `-o yaml` print. */
export const showDocument = document({
  host: ofSeveral,
  uri: about(z.string(), 'of the hypervisor, without its password'),
  vm: objectOf(partsOf(VM_KEYS)),
});

export type ShowDocument = Content<typeof showDocument>;
