import assert from 'node:assert/strict';
import { parse } from 'yaml';
import type { Machine } from '../../../src/config/machine.ts';
import { mostMemoryMib, mostVcpus } from '../../../src/config/machine/layout.ts';
import { parseXml } from '../../../src/libvirt-xml/read/parse.ts';
import { asDeclared } from '../../../src/config/settle.ts';
import { IGNITION_FILE } from '../../../src/config/vm-paths.ts';
import { readDomain } from '../../../src/libvirt-xml/domain/read.ts';
import { readDeclared } from '../../../src/libvirt-xml/metadata/declared.ts';
import { metadataIn, metadataInDomain } from '../../../src/libvirt-xml/metadata/read.ts';
import { toStored } from '../../../src/libvirt-xml/metadata/stored-vm.ts';
import { readVolume } from '../../../src/libvirt-xml/read/storage.ts';
import { readDisks } from '../../../src/libvirt-xml/read/used-files.ts';
import { ownDocument } from '../../unit/vm/listed.ts';
import { buildDocuments, hostKeysOf, UUID } from './documents.ts';
import type { Documents } from './documents.ts';
import { expectedSeed, plainTwin } from './expected.ts';
import { checkConfig } from './ignition.ts';
import { isoFiles } from './iso-files.ts';
import { shapesOf } from './xml-shape.ts';
import type { Shape } from './xml-shape.ts';

/** libvirt takes no longer string. */
const MOST_XML_CHARACTERS = 4 * 2 ** 20;
/** The file itself may have 128 KiB, and escapes can make four characters of one. */
const MOST_ISO_BYTES = 2 ** 20;

/** Holds all that plow would write for a machine against the machine. @throws AssertionError */
export function checkDocuments(documents: Documents): void {
  checkSeed(documents);
  checkIso(documents);
  const plain = plainShapes(documents);
  for (const [index, { text }] of documents.xml.entries()) {
    assert.ok(text.length < MOST_XML_CHARACTERS, 'a document is too large');
    assert.deepEqual(shapesOf(text), plain[index], 'a document has more or less in it than a plain one');
    const hash = documents.machine.provisioning?.rootPasswordHash;
    assert.ok(hash === undefined || !text.includes(hash), 'a document has the password hash in it');
    assert.ok(!text.includes('PRIVATE KEY'), 'a document has a private key in it');
  }
  checkDomain(documents);
  checkStorage(documents);
}

function checkSeed({ machine, seed }: Documents): void {
  if (machine.provisioning === undefined) return;
  if (machine.provisioning.format === 'ignition') {
    assert.deepEqual([...seed.keys()], [IGNITION_FILE]);
    checkConfig(new TextDecoder().decode(seed.get(IGNITION_FILE)), machine, hostKeysOf(machine));
    return;
  }
  const expected = expectedSeed(machine, machine.provisioning, hostKeysOf(machine));
  const texts = Array.from(seed, ([name, bytes]) => [name, new TextDecoder().decode(bytes)] as const);
  const read = Object.fromEntries(texts.map(([name, text]) => [name, parse(text, { version: '1.1' })]));
  assert.deepEqual(read, expected);
  assert.match(texts[0]?.[1] ?? '', /^#cloud-config\nhostname: /);
}

function checkIso({ seed, iso }: Documents): void {
  if (iso === undefined) return;
  assert.equal(iso.length % 2048, 0);
  assert.ok(iso.length <= MOST_ISO_BYTES, `an ISO of ${iso.length} bytes`);
  const files = isoFiles(iso);
  assert.deepEqual([...files.keys()], ['META_DATA.', 'NETWORK_CONFIG.', 'USER_DATA.']);
  for (const [name, bytes] of seed) {
    const inside = files.get(`${name.toUpperCase().replace('-', '_')}.`);
    assert.ok(inside?.equals(bytes), `${name} is not in the ISO as it was`);
  }
}

const shapesSeen = new Map<string, readonly (readonly Shape[])[]>();

/** Made once for all machines of the same parts. */
function plainShapes({ machine, overlay }: Documents): readonly (readonly Shape[])[] {
  const twin = plainTwin(machine);
  const key = JSON.stringify([twin, overlay]);
  const shapes = shapesSeen.get(key) ?? buildDocuments(twin, overlay).xml.map(({ text }) => shapesOf(text));
  shapesSeen.set(key, shapes);
  return shapes;
}

function checkDomain({ machine, kind, overlay, xml }: Documents): void {
  const text = xml[0]?.text ?? '';
  const keys = hostKeysOf(machine);
  const publicKeys = keys === undefined ? [] : [keys.ed25519.publicKey, keys.ecdsa.publicKey];
  const metadata = readDeclared(JSON.parse(JSON.stringify(toStored(asDeclared(machine, kind), publicKeys))));
  const domain = parseXml(text);
  assert.equal(domain.first('name')?.text(), machine.name);
  assert.equal(domain.first('vcpu')?.text(), String(mostVcpus(machine)));
  assert.equal(domain.first('memory')?.text(), String(mostMemoryMib(machine)));
  assert.deepEqual(metadataInDomain(domain)?.declared, metadata);
  assert.deepEqual(
    readDisks(domain).map(({ path }) => path),
    expectedFiles(machine),
  );
  assert.deepEqual(readDomain(domain).ignition, expectedConfig(machine));
  assert.deepEqual(
    domain.all('devices', 'interface', 'mac').map((mac) => mac.attribute('address')),
    machine.interfaces.map(({ mac }) => mac),
  );
  assert.deepEqual(
    domain.all('devices', 'interface', 'source').map((source) => source.attribute('bridge')),
    machine.interfaces.flatMap((one) => (one.mode === 'bridge' ? [one.bridge] : [])),
  );
  const backing = domain.first('devices', 'disk', 'backingStore', 'source');
  assert.equal(backing?.attribute('file'), overlay ? machine.bootDisk.image : undefined);
  assert.deepEqual(metadataIn(ownDocument(xml.at(-1)?.text ?? ''), UUID)?.declared, metadata);
}

function expectedConfig({ name, provisioning }: Machine): unknown {
  if (provisioning?.format !== 'ignition') return undefined;
  return { name: provisioning.ignition.fwCfgName, file: `/srv/vms/${name}/${IGNITION_FILE}` };
}

function expectedFiles({ name, bootDisk, dataDisks, provisioning, cdrom }: Machine): readonly unknown[] {
  const files = [
    `boot.${bootDisk.format}`,
    ...dataDisks.map(({ device }) => `data-${device}.qcow2`),
    ...(provisioning?.format === 'cloud-init' ? ['cloudinit.iso'] : []),
  ];
  const drives = cdrom === undefined ? [] : [cdrom.image];
  return [...files.map((file) => `/srv/vms/${name}/${file}`), ...drives];
}

function checkStorage({ machine, xml }: Documents): void {
  const [pool, volume] = xml.filter(({ schema }) => schema?.startsWith('storage'));
  const { image } = machine.bootDisk;
  const folder = image === undefined ? `/srv/vms/${machine.name}` : image.replace(/\/[^/]*$/s, '') || '/';
  assert.equal(
    parseXml(pool?.text ?? '')
      .first('target', 'path')
      ?.text(),
    folder,
  );
  const facts = readVolume(volume?.text ?? '');
  assert.equal(facts.backingPath, image);
  assert.equal(facts.capacityBytes, machine.bootDisk.sizeGib * 2 ** 30);
}
