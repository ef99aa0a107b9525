import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { runCli } from '../../../src/cli/program.ts';
import { DOCUMENT_NAMES } from '../../../src/documents/document.ts';
import type { DocumentName } from '../../../src/documents/document.ts';
import { documentJsonSchema, DOCUMENTS } from '../../../src/documents/json-schemas.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { errorText } from '../../../src/views/failure/document.ts';
import { writeRecord } from '../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../src/vm/image-store/record.ts';
import { run } from '../../run.ts';
import { SMALLEST } from '../config/sample.ts';
import { listed, listing, seen } from '../vm/listed.ts';
import { ownDocument, running } from '../vm/shown.ts';
import { fakeEnvironment } from './environment.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-documents-'));
  const sound = SMALLEST.replace('my-vm', 'fresh').replace('/img/', '/var/lib/libvirt/images/');
  await writeFile(join(folder, 'sound.yaml'), `${sound}cloud_init: { packages: [nginx] }\n`);
  await writeFile(join(folder, 'bridge.yaml'), sound.replace('br0', 'br9'));
  await writeFile(join(folder, 'own.yaml'), sound.replace('fresh', 'my-vm'));
  const url = 'https://example.com/a.qcow2';
  const build = `version: aaaaaaaa, url: '${url}', format: qcow2, content: '${DIGEST}'`;
  await writeFile(join(folder, 'images.lock'), `images: { own: { x86_64: { ${build} } } }\n`);
  const own = { download_url: url, checksum_value: DIGEST };
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ images: { own } }));
  await writeFile(join(folder, 'wrong.yaml'), 'name: web\nvcpu: 2\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Every document that commands with `-o json` print, on stdout and, where they fail, on stderr. */
async function printed(line: string): Promise<readonly unknown[]> {
  const hypervisor = running();
  hypervisor.addDirectory('/var/lib/libvirt/images', 'a.qcow2');
  hypervisor.directories.get('/var/lib/libvirt/images')?.set('gone', 'dir 0');
  hypervisor.addDirectory('/var/lib/libvirt/images/gone', 'boot.qcow2');
  hypervisor.addDirectory('/srv/far');
  hypervisor.addDirectory('/images/my-vm', 'console.log');
  hypervisor.addDirectory(IMAGES, 'debian-1.qcow2');
  hypervisor.directories.get(IMAGES)?.set('debian-1.qcow2.plow.json', 'raw 0');
  hypervisor.contents.set(`${IMAGES}/debian-1.qcow2.plow.json`, writeRecord(RECORD));
  hypervisor.contents.set('/images/my-vm/console.log', new TextEncoder().encode('tiny guest\r\n'));
  if (line === 'image outdated') {
    hypervisor.directories
      .get(IMAGES)
      ?.set('debian-2.qcow2', 'qcow2 0')
      .set('debian-2.qcow2.plow.json', 'raw 0');
    hypervisor.contents.set(
      `${IMAGES}/debian-2.qcow2.plow.json`,
      writeRecord({ ...RECORD, token: 'b', version: '2' }),
    );
    const below = `<backingStore type='file'><source file='${IMAGES}/debian-1.qcow2'/><backingStore/></backingStore>`;
    hypervisor.addDomain(
      'old',
      `<domain><name>old</name><devices><disk><source file='/a'/>${below}</disk></devices></domain>`,
      'shut off',
    );
  }
  const vm = listed({ name: 'my-vm', xml: ownDocument(), seen: [seen('agent', '10.20.30.40')] });
  hypervisor.listDomains = listing(vm).listDomains;
  const environment = fakeEnvironment(hypervisor);
  const argv = line.split(' ').map((word) => word.replace('FOLDER', folder));
  const failed = await runCli([...argv, '-o', 'json'], environment).then(
    () => [],
    (error: unknown) => {
      if (error instanceof PlowError) return [errorText(error, error.exitCode)];
      throw error;
    },
  );
  return [...environment.stdout, ...failed].map((text): unknown => JSON.parse(text));
}

const IMAGES = '/var/lib/libvirt/images/plow.images';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const RECORD: ImageRecord = {
  status: 'ready',
  isMade: true,
  token: 'a',
  name: 'debian',
  version: '1',
  url: 'https://example.com/debian.qcow2',
  format: 'qcow2',
  downloaded: DIGEST,
  content: DIGEST,
  bytes: 1000,
  capacityBytes: 2000,
  insecure: false,
  signedBy: null,
  plow: '0.1.0',
  at: '2026-11-28T10:00:00.000Z',
  gate: { result: 'failed', proof: 'ssh', bootSeconds: null, plow: '0.1.0', at: '2026-11-28T11:00:00.000Z' },
};

/** What Python's jsonschema has against documents. */
async function mistakes(name: DocumentName, documents: readonly unknown[]): Promise<string> {
  const program = `
import json
from jsonschema import Draft202012Validator
schema, documents = json.load(open(0))
Draft202012Validator.check_schema(schema)
print([error.message for one in documents for error in Draft202012Validator(schema).iter_errors(one)])`;
  return run('/usr/bin/python3', ['-c', program], JSON.stringify([documentJsonSchema(name), documents]));
}

const LINES: Readonly<Record<DocumentName, readonly string[]>> = {
  list: ['list --all'],
  top: ['top --interval 500ms'],
  show: ['show my-vm'],
  log: ['log my-vm'],
  result: ['create FOLDER/sound.yaml', 'destroy my-vm', 'destroy --if-exists absent'],
  plan: [
    'create --dry-run FOLDER/sound.yaml',
    'create --dry-run --if-not-exists FOLDER/own.yaml',
    '--storage-path /srv/far create --dry-run FOLDER/sound.yaml',
  ],
  render: ['render -o json FOLDER/sound.yaml', 'render -o json --set name=other FOLDER/sound.yaml'],
  diff: ['diff FOLDER/own.yaml', 'diff FOLDER/sound.yaml'],
  apply: ['apply FOLDER/sound.yaml'],
  'destroy-plan': ['destroy --plan my-vm', 'destroy --plan --if-exists absent my-vm'],
  gc: ['gc'],
  validate: [
    'validate FOLDER/sound.yaml',
    'validate FOLDER/wrong.yaml FOLDER/sound.yaml FOLDER/absent.yaml',
    'validate --on-host FOLDER/bridge.yaml',
    '--storage-path /srv/far validate --on-host FOLDER/sound.yaml',
  ],
  doctor: [
    'doctor',
    'doctor --storage-path /srv/none',
    'doctor --ignore storage-path-missing --storage-path /srv/none',
  ],
  snapshot: ['snapshot list my-vm'],
  hosts: ['hosts'],
  host: ['hosts show'],
  'network-status': ['network status'],
  'next-address': ['ip next 10.20.30.0/24', 'ip next 10.20.30.0/24 FOLDER/sound.yaml --count 2'],
  image: ['image list', 'image remove debian'],
  'image-catalog': ['image catalog'],
  'image-outdated': ['image outdated'],
  'image-update': ['--config FOLDER/settings.json image update --check --images-lock FOLDER/images.lock'],
  config: ['config', 'config --storage-path /srv/far'],
  error: ['show absent', 'create --dry-run FOLDER/wrong.yaml', 'list --nosuch'],
};

describe('every document for programs', () => {
  it.each(DOCUMENT_NAMES)('is as its schema says: %s', async (name) => {
    const documents = (await Promise.all(LINES[name].map(printed))).flat();
    expect(documents.length).toBeGreaterThanOrEqual(LINES[name].length);
    for (const one of documents)
      expect(z.parse<z.ZodMiniType>(DOCUMENTS[name].shape, one)).toStrictEqual(one);
    expect(await mistakes(name, documents)).toBe('[]\n');
  });

  it.each(DOCUMENT_NAMES)('begins with its version: %s', async (name) => {
    const [line = ''] = LINES[name];
    const [first] = await printed(line);
    expect(Object.entries(first ?? {})[0]).toStrictEqual(['version', 1]);
  });
});
