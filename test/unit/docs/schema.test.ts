import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lockJsonSchema } from '../../../src/config/images-lock/json-schema.ts';
import { networkJsonSchema } from '../../../src/config/network-file/json-schema.ts';
import { vmJsonSchema, vmReferenceSchema } from '../../../src/config/vm-file/json-schema.ts';
import { DOCUMENT_NAMES } from '../../../src/documents/document.ts';
import { documentJsonSchema } from '../../../src/documents/json-schemas.ts';
import { schemaReference } from '../../../src/config/vm-file/reference-page.ts';
import { run } from '../../run.ts';
import { SMALLEST } from '../config/sample.ts';

const root = new URL('../../../', import.meta.url);
const schema = vmJsonSchema();

const text = (file: string): Promise<string> => readFile(new URL(file, root), 'utf8');

/** What Python's jsonschema has against documents, a list for each. */
async function mistakes(documents: readonly unknown[]): Promise<readonly (readonly string[])[]> {
  const program = `
import json, sys
from jsonschema import Draft202012Validator
schema, documents = json.load(open(0))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
print(json.dumps([[error.message for error in validator.iter_errors(one)] for one in documents]))`;
  const input = JSON.stringify([schema, documents]);
  return JSON.parse(await run('/usr/bin/python3', ['-c', program], input)) as string[][];
}

describe('what is made from the schema', () => {
  it('is as fresh as the schema: npm run docs', async () => {
    expect(await text('schema/vm.schema.json')).toBe(`${JSON.stringify(schema, null, 2)}\n`);
    const ofLocks = `${JSON.stringify(lockJsonSchema(), null, 2)}\n`;
    expect(await text('schema/images-lock.schema.json')).toBe(ofLocks);
    const ofNetworks = `${JSON.stringify(networkJsonSchema(), null, 2)}\n`;
    expect(await text('schema/network.schema.json')).toBe(ofNetworks);
    for (const name of DOCUMENT_NAMES) {
      const made = `${JSON.stringify(documentJsonSchema(name), null, 2)}\n`;
      expect(await text(`schema/${name}.schema.json`)).toBe(made);
    }
    expect(await text('docs/vm-file-reference.md')).toBe(schemaReference(vmReferenceSchema()));
  });

  it('has a sentence about every key, at every depth', () => {
    const undescribed = schemaReference(vmReferenceSchema()).match(/^### .*\n\n_.*_\n\n(?!(?:.+\n)*.*\.)/gmu);
    expect(undescribed).toBeNull();
    expect(schemaReference(vmReferenceSchema())).toContain('### `cloud_init.users[].ssh_keys[].file`');
  });
});

describe('the JSON Schema', () => {
  it('is a schema, and lets every example pass', async () => {
    const files = (await readdir(new URL('examples', root))).filter((file) => file.endsWith('.yaml'));
    const examples = await Promise.all(files.map((file) => text(`examples/${file}`)));
    expect(await mistakes(examples.map((one): unknown => parse(one)))).toStrictEqual(files.map(() => []));
    const line = '# yaml-language-server: $schema=../schema/vm.schema.json\n';
    expect(examples.filter((one) => !one.startsWith(line))).toStrictEqual([]);
  });

  it.each([
    ['vcpus: 2', 'vcpus: two', "'two' does not match"],
    ['vcpus: 2', 'vcpus: 0', '0 is less than the minimum of 1'],
    ['vcpus: 2', 'vcpu: 2', "'vcpus' is a required property"],
    ['memory_gib: 4', 'cpu_mode: host-model', 'is not valid under any of the given schemas'],
    ['  image: /img/a.qcow2\n', '', 'is not valid under any of the given schemas'],
    ['ip: 10.0.0.2/24', 'ip: 10.0.0.2', 'does not match'],
    ['bridge: br0', 'brigde: br0', "('brigde' was unexpected)"],
  ])('refuses %j that became %j', async (from, to, message) => {
    const [found = []] = await mistakes([parse(SMALLEST.replace(from, () => to))]);
    expect(found.join('\n')).toContain(message);
  });

  it('lets a file leave out what it has from another, and no more', async () => {
    const files = [
      'extends: base.yaml\nname: web\n+tags: [a]\nboot_disk: { size_gb: 5, io_limits: null }\nmemory_gib: null\ncloud_init: { +runcmd: [ls] }',
      'extends: base.yaml\nnames: web',
      `${SMALLEST}count: 3\n`.replace('my-vm', 'web-{n}').replace('vcpus: 2', 'vcpus: "{cpus}"'),
      `${SMALLEST}cloud_init: { timezone: null }\nvnc: null\ncount: 0\neach: []\n`,
      'extends: base.yaml\n+vcpus: 2',
      'extends: [base.yaml]',
      'extends: base.yaml\nnetwork_interfaces: [{ bridge: br0 }]',
    ];
    const found = await mistakes(files.map((file): unknown => parse(file)));
    expect(found.map((one) => one.join('; '))).toStrictEqual([
      '',
      "Additional properties are not allowed ('names' was unexpected)",
      '',
      "0 is less than the minimum of 1; [] is not valid under any of the given schemas; None should not be valid under {'type': 'null'}; None should not be valid under {'type': 'null'}",
      "Additional properties are not allowed ('+vcpus' was unexpected)",
      "['base.yaml'] is not of type 'string'",
      "'ip' is a required property",
    ]);
  });
});
