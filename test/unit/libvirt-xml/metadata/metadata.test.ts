import { create } from 'xmlbuilder2';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { parseIfPossible } from '../../../../src/libvirt-xml/read/parse.ts';
import { METADATA_NAMESPACE } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import type { DomainMetadata, NewMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { readDeclared } from '../../../../src/libvirt-xml/metadata/declared.ts';
import { metadataIn, metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { addMetadata, metadataWithoutNamespace } from '../../../../src/libvirt-xml/metadata/write.ts';
import { ownDocument } from '../../vm/listed.ts';
import { SECRET, bootDisk, fullMachine, minimalMachine } from '../../machines.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const ODD = '/i/a "b" \'c\' <&> ]]> &amp;&quot;&#60; \u00e9\u{1f600}';

function metadataOf(machine: Machine, changes: Partial<NewMetadata> = {}): NewMetadata {
  return {
    status: 'ready',
    uuid: UUID,
    version: '0.1.0',
    created: '2025-01-02T03:04:05.000Z',
    directory: '/images/my-vm',
    stored: toStored(machine),
    ...changes,
  };
}

function asRead({ stored, ...head }: NewMetadata): DomainMetadata {
  const declared = readDeclared(JSON.parse(JSON.stringify(stored)));
  if (declared === undefined) throw new Error('what is written cannot be read');
  return { ...head, declared };
}

function inDomain(metadata: NewMetadata): string {
  const domain = create().ele('domain');
  domain.ele('uuid').txt(UUID);
  addMetadata(domain.ele('metadata'), metadata);
  return domain.end({ headless: true, prettyPrint: true });
}

describe('the metadata of a domain', () => {
  it.each([
    ['a machine with everything', metadataOf(fullMachine())],
    ['the least machine', metadataOf(minimalMachine())],
    ['a create under way', metadataOf(minimalMachine(), { status: 'creating' })],
    [
      'a create under way that takes disks as they are',
      metadataOf(minimalMachine(), { status: 'creating', adopted: ['vdb', 'vdc'] }),
    ],
    ['odd characters in the directory', metadataOf(minimalMachine(), { directory: ODD })],
    [
      'odd characters in the machine',
      metadataOf(minimalMachine({ bootDisk: bootDisk({ sizeGib: 1, image: ODD, format: 'raw' }) })),
    ],
  ])('of %s is read back from the domain, parsed or not', (_, metadata) => {
    expect(metadataInDomain(parseIfPossible(inDomain(metadata)))).toStrictEqual(asRead(metadata));
    expect(metadataIn(inDomain(metadata), UUID)).toStrictEqual(asRead(metadata));
  });

  it('is read as libvirt writes it, with numeric references in attributes', () => {
    const element =
      `<vm status="ready" uuid="${UUID}" version="0.1.0" created="2025-01-01T00:00:00.000Z" directory="/x &quot;&#xE9;&lt;">` +
      '{"name":"\u00e9&lt;&amp;\'\\"\u{1f600}","interfaces":[],"bootDisk":{"format":"raw"},"dataDisks":[]}</vm>';
    expect(metadataIn(ownDocument(element), UUID)).toMatchObject({
      directory: '/x "\u00e9<',
      declared: { name: '\u00e9<&\'"\u{1f600}', interfaces: [] },
    });
  });

  it('holds no secret', () => {
    const metadata = metadataOf(fullMachine());
    expect(inDomain(metadata) + metadataWithoutNamespace(metadata)).not.toContain(SECRET);
    expect(inDomain(metadata)).not.toContain('you@workstation');
  });

  const machine = JSON.stringify(minimalMachine());
  it.each([
    '',
    'junk',
    '<vm',
    '<vm/>',
    '<vm status="ready" directory="/d"/>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">not json</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">null</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">1</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">"text"</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">[]</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">{}</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">{"name":"my-vm"}</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">{"name":"my-vm","interfaces":{}}</vm>',
    '<vm status="ready" uuid="0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f" directory="/d">{"name":1,"interfaces":[]}</vm>',
    `<vm status="other" uuid="${UUID}" directory="/d">${machine}</vm>`,
    `<vm uuid="${UUID}" directory="/d">${machine}</vm>`,
    `<vm status="ready" uuid="${UUID}">${machine}</vm>`,
    `<vm status="ready" directory="/d">${machine}</vm>`,
    `<vm status="ready" uuid="of another domain" directory="/d">${machine}</vm>`,
    `<__proto__ status="ready" directory="/d">${machine}</__proto__>`,
  ])("that is not plow's (%s) reads as none", (element) => {
    expect(metadataIn(ownDocument(element), UUID)).toBeUndefined();
  });

  it.each([
    ['no metadata', '<domain/>'],
    ['none of ours', '<domain><metadata><o:vm xmlns:o="urn:other" status="ready"/></metadata></domain>'],
    [
      'a foreign element of the same name and prefix',
      `<domain><metadata><plow:vm xmlns:plow="urn:other" status="ready" directory="/d">${machine}</plow:vm></metadata></domain>`,
    ],
    [
      'ours, but broken',
      `<domain><metadata><plow:vm xmlns:plow="${METADATA_NAMESPACE.uri}" status="ready" directory="/d">{</plow:vm></metadata></domain>`,
    ],
  ])('in a domain with %s reads as none', (_, document) => {
    expect(metadataInDomain(parseIfPossible(document))).toBeUndefined();
    expect(metadataIn(document, UUID)).toBeUndefined();
  });

  it('is found beside the elements of others', () => {
    const metadata = metadataOf(minimalMachine());
    const document = inDomain(metadata).replace('<metadata>', '<metadata><o:vm xmlns:o="urn:other">x</o:vm>');
    expect(metadataInDomain(parseIfPossible(document))).toStrictEqual(asRead(metadata));
    expect(metadataIn(document, UUID)).toStrictEqual(asRead(metadata));
  });
});

describe('metadata that somebody has changed', () => {
  it('counts for what it should be where only a text or a list is odd', () => {
    const stored = toStored(fullMachine());
    const odd = { ...stored, bootDisk: { ...stored.bootDisk, image: 7 }, description: 5, tags: [1] };
    const element = metadataWithoutNamespace(metadataOf(fullMachine()));
    const changed = element.replace(/\{.*\}/su, JSON.stringify(odd));
    expect(changed).not.toBe(element);
    expect(metadataIn(ownDocument(changed), UUID)?.declared).toMatchObject({
      name: stored.name,
      bootDisk: { image: undefined },
      description: undefined,
      tags: [],
    });
  });
});
