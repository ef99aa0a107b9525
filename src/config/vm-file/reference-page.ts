import { isMap } from '../yaml/raw-value.ts';
import type { JsonSchema } from './json-schema.ts';

/** What a table of keys cannot say. */
const HEAD = `# Keys of the VM file

What \`plow create\` makes VMs from: YAML, a document for each VM, at most 128 KiB. Every key that plow does not know is a
mistake, and all mistakes are told at once. [The VM file](vm-file.md) shows one whole.

This page is made from the schema that plow checks files with (\`plow schema -o markdown\`); editors take the same as
[JSON Schema](../schema/vm.schema.json).

## Rules

- Required are \`name\`, \`vcpus\`, \`memory_gib\` or \`memory_mib\`, \`boot_disk.size_gb\`, \`boot_disk.image\` or
  \`boot_disk.empty: true\`, and at least one of \`network_interfaces\` with \`ip\`, \`gateway\` and \`bridge\`. A default for
  \`gateway\` and \`bridge\` can stand in plow's own settings file. An interface without the default route needs no
  \`gateway\`. A routed interface (\`mode: ethernet\`) has \`ip\` alone, with the prefix length 32, and a VM has one of
  them at most.
- \`name\` and \`cloud_init.fqdn\` become lower case. A name starts and ends with a letter or digit, and holds these,
  \`-\` and \`_\`.
- No device, no IP address and no MAC address appears twice. The MAC address is made from the IP address:
  10.55.22.22 gives be:ef:0a:37:16:16.
- \`size_gb\` is GiB and not below the size of the image.
- An SSH key is one line of a .pub file or of authorized_keys, with its options; a password hash starts with \`$\`.
- A file can be made of others, and of rows: see [templates](templates.md).
- When a VM is created, its name, its MAC addresses, the image, the bridges and the storage path are checked on the
  hypervisor before anything is made.
`;

/** A page of Markdown about every key of the schema, in its order. */
export function schemaReference(schema: JsonSchema): string {
  return `${HEAD}\n## Keys\n\n${sections(schema, '').join('\n')}`;
}

function sections(schema: JsonSchema, above: string): readonly string[] {
  const required = new Set(listOf(schema['required']));
  return Object.entries(mapOf(schema['properties'])).flatMap(([key, value]) => {
    const inner = mapOf(value);
    const path = `${above}${key}`;
    const [item, suffix] = itemsOf(inner);
    return [
      section(path, inner, required.has(key)),
      ...(item === undefined ? [] : sections(item, `${path}${suffix}.`)),
    ];
  });
}

/** The map that stands at a key, or in each item of a list there. */
function itemsOf(schema: JsonSchema): readonly [JsonSchema | undefined, string] {
  const own = mapAmong(schema);
  return own === undefined ? [mapAmong(mapOf(schema['items'])), '[]'] : [own, ''];
}

function mapAmong(schema: JsonSchema): JsonSchema | undefined {
  const choices = [schema, ...listOf(schema['anyOf']).map(mapOf)];
  return choices.find((choice) => choice['properties'] !== undefined);
}

function section(path: string, schema: JsonSchema, isRequired: boolean): string {
  const facts = [
    typeOf(schema),
    ...(isRequired ? ['required'] : []),
    ...(schema['default'] === undefined ? [] : [`default \`${written(schema['default'])}\``]),
  ];
  const [example] = listOf(schema['examples']);
  const shown = example === undefined ? '' : ` For example \`${written(example)}\`.`;
  const { description = '' } = schema;
  return `### \`${path}\`\n\n_${facts.join(', ')}_\n\n${wrapped(`${written(description)}${shown}`)}\n`;
}

/** A paragraph in lines of at most the width that a page of text has. */
function wrapped(text: string): string {
  return text.replaceAll(/(?=.{111})(?<line>.{1,110}) (?<rest>.)/gu, '$<line>\n$<rest>');
}

function typeOf(schema: JsonSchema): string {
  const choices = listOf(schema['enum']);
  if (choices.length > 0) return choices.map((choice) => `\`${String(choice)}\``).join(' or ');
  const alternatives = listOf(schema['anyOf'])
    .map(mapOf)
    .filter((one) => one['type'] !== undefined);
  if (alternatives.length > 0) return alternatives.map(typeOf).join(', or ');
  if (schema['type'] === 'array') return `list of ${typeOf(mapOf(schema['items']))}`;
  const types = listOf(schema['type']);
  if (types.length > 0) return types.map((type) => typeOf({ type })).join(', or ');
  return WORDS[String(schema['type'])] ?? 'map';
}

const WORDS: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'whole number',
  object: 'map',
  string: 'text',
};

/** As it would stand in a file, on one line. */
function written(value: unknown): string {
  return typeof value === 'string' ? value : flow(value);
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'string') return /^[\w.:/~@-]+$/u.test(value) ? value : JSON.stringify(value);
  if (!isMap(value)) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${flow(inner)}`)
    .join(', ')} }`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function mapOf(value: unknown): JsonSchema {
  return isMap(value) ? value : {};
}
