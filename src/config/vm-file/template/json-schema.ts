import { isMap } from '../../yaml/raw-value.ts';
import { COUNT, EACH, EXTENDS, MOST_ROWS } from './keys.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What editors are told of the keys of which files are made. */
const KEYS: JsonSchema = {
  [EXTENDS]: {
    description:
      'A file, on top of which this one is: its maps are merged with those here, all else here takes the place of what it has there, and a list whose key is written with a + before it (+tags) goes behind the list there.',
    examples: ['base/web.yaml'],
    type: 'string',
  },
  [COUNT]: {
    description:
      'How many VMs the file is. In every text {n} stands for the number of the VM, from 1, and {index} for the same from 0; an address without them is that of the first VM, and is counted up.',
    examples: [3],
    type: 'integer',
    minimum: 1,
    maximum: MOST_ROWS,
  },
  [EACH]: {
    description:
      'What is different between the VMs of the file, a row for each: a list of maps, or a file *.csv or *.yaml that holds one. In every text {column} stands for what the row has there; {n}, {index} and addresses are as with count.',
    examples: ['web.csv', [{ name: 'web-1', cpus: 2 }]],
    anyOf: [
      { type: 'string', pattern: '\\.([cC][sS][vV]|[yY][aA]?[mM][lL])$' },
      { type: 'array', minItems: 1, maxItems: MOST_ROWS, items: { type: 'object' } },
    ],
  },
};

/** Beside what a text must be: one with a hole in it may become that. */
const HOLE = '\\{[A-Za-z_][\\w-]*\\}';
const SCALARS: ReadonlySet<unknown> = new Set(['integer', 'number', 'boolean']);

/** A schema that lets holes stand for values. */
function withHoles(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withHoles);
  if (!isMap(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withHoles(value)]));
  const { type, pattern } = schema;
  if (SCALARS.has(type)) return { ...inner, type: [type, 'string'], pattern: `^${HOLE}$` };
  return type === 'string' && typeof pattern === 'string'
    ? { ...inner, pattern: `${pattern}|${HOLE}` }
    : inner;
}

const NOT_NULL = { '': { not: { type: 'null' } } };

/** A schema that lets a file take away what the one has that it extends. */
function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: choices, anyOf } = schema;
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [...(Array.isArray(type) ? type : [type]), 'null'] }),
    ...(Array.isArray(choices) ? { enum: [...choices, null] } : {}),
    ...(Array.isArray(anyOf) && type === undefined ? { anyOf: [...anyOf, { type: 'null' }] } : {}),
  };
}

/** With the keys of which files are made behind the others. */
export function withTemplateKeys(schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  return { ...schema, properties: { ...(isMap(properties) ? properties : {}), ...KEYS } };
}

/**
 * A schema of finished files, and of those that are made of others: what a file must have it need not have
 * itself where it extends another.
 */
export function withTemplates(schema: JsonSchema): JsonSchema {
  const { properties, required, anyOf, ...rest } = schema;
  const { loose, needed } = parted(withHoles(properties), '#/properties');
  return {
    ...rest,
    properties: { ...KEYS, ...loose },
    if: { required: [EXTENDS] },
    else: { required, anyOf, properties: needed, patternProperties: NOT_NULL },
  };
}

/** Maps without what they must have, that by itself, and for each list one more key. */
function parted(
  properties: unknown,
  at: string,
): { readonly loose: JsonSchema; readonly needed: JsonSchema } {
  const loose: Record<string, unknown> = {};
  const needed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(isMap(properties) ? properties : {})) {
    const { properties: inner, required, anyOf, ...rest } = isMap(value) ? value : {};
    loose[key] = isMap(value) ? nullable(value) : value;
    if (rest['type'] === 'array') loose[`+${key}`] = { $ref: `${at}/${key}` };
    if (inner === undefined) continue;
    const below = parted(inner, `${at}/${key}/properties`);
    loose[key] = nullable({ ...rest, properties: below.loose });
    const must = {
      ...(required === undefined ? {} : { required }),
      ...(anyOf === undefined ? {} : { anyOf }),
    };
    const isEmpty = Object.keys(below.needed).length === 0;
    const all = { ...must, ...(isEmpty ? {} : { properties: below.needed }) };
    needed[key] = { ...all, patternProperties: NOT_NULL };
  }
  return { loose, needed };
}
