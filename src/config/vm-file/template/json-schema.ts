import { isMap } from '../../yaml/raw-value.ts';
import { EXTENDS } from './keys.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** What editors are told of the keys of which files are made. */
const KEYS: JsonSchema = {
  [EXTENDS]: {
    description:
      'A file, on top of which this one is: its maps are merged with those here, all else here takes the place of what it has there, and a list whose key is written with a + before it (+tags) goes behind the list there.',
    examples: ['base/web.yaml'],
    type: 'string',
  },
};

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
  const { loose, needed } = parted(properties, '#/properties');
  return {
    ...rest,
    properties: { ...KEYS, ...loose },
    if: { required: [EXTENDS] },
    else: { required, anyOf, properties: needed },
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
    loose[key] = value;
    if (rest['type'] === 'array') loose[`+${key}`] = { $ref: `${at}/${key}` };
    if (inner === undefined) continue;
    const below = parted(inner, `${at}/${key}/properties`);
    loose[key] = { ...rest, properties: below.loose };
    const must = {
      ...(required === undefined ? {} : { required }),
      ...(anyOf === undefined ? {} : { anyOf }),
    };
    const isEmpty = Object.keys(below.needed).length === 0;
    const all = { ...must, ...(isEmpty ? {} : { properties: below.needed }) };
    if (Object.keys(all).length > 0) needed[key] = all;
  }
  return { loose, needed };
}
