import { describe, expect, it } from 'vitest';
import { readDomain } from '../../../../../src/libvirt-xml/domain/read.ts';
import { parseXml } from '../../../../../src/libvirt-xml/read/parse.ts';
import { readOddities } from '../../../../../src/libvirt-xml/unknown/oddities.ts';
import { bootDisk, dataDisk, fullMachine, minimalMachine } from '../../../machines.ts';
import { diagnostics } from '../../judge.ts';
import { documentOf } from './placed.ts';

const EXTRAS = {
  fwCfg: [{ name: 'opt/org.example/x', file: '/srv/x' }],
  hasTpm: true,
  hasSecureBoot: true,
  watchdog: { model: 'i6300esb', action: 'inject-nmi' },
  ioThreads: 2,
  shares: [
    { source: '/srv/a b', tag: 'data', isReadOnly: false },
    { source: '/srv/x&y', tag: 'more', isReadOnly: true },
  ],
} as const;

const LIMITS = { readIops: 5, writeIops: 6, totalMibPerS: 7 };

const PLAIN_LAYOUT = {
  vcpusMax: undefined,
  memoryMaxMib: undefined,
  cpuModel: undefined,
  topology: undefined,
  pins: [],
  emulatorCpus: undefined,
  cells: [],
} as const;

describe('a machine with what few VMs have', () => {
  const machine = fullMachine({
    ...EXTRAS,
    bootDisk: bootDisk({ ioLimits: LIMITS }),
    dataDisks: [{ ...dataDisk('vdb', 1), ioLimits: { totalIops: 9 } }, dataDisk('vdc', 1)],
  });
  const document = documentOf(machine);
  const facts = readDomain(parseXml(document));

  it('has a document that libvirt takes, and nothing in it is odd', () => {
    expect(diagnostics(document, 'domain')).toStrictEqual([]);
    expect(readOddities(parseXml(document))).toStrictEqual([]);
  });

  it('is read back', () => {
    expect(facts.extras).toStrictEqual({ ...EXTRAS, areKeysEnrolled: true });
    expect(facts.disks.map(({ target, ioLimits, ioThread }) => [target, ioLimits, ioThread])).toStrictEqual([
      ['vda', LIMITS, 1],
      ['vdb', { totalIops: 9 }, 2],
      ['vdc', undefined, 1],
      ['sda', undefined, undefined],
    ]);
  });

  it('has bytes in the document, and what begins with keys', () => {
    expect(document).toContain('<total_bytes_sec>7340032</total_bytes_sec>');
    expect(document).toContain('<feature enabled="yes" name="enrolled-keys"/>');
    expect(document).toContain('<tpm model="tpm-crb">');
  });

  it.each([
    [undefined, '<memoryBacking><source type="memfd"/><access mode="shared"/></memoryBacking>'],
    [
      '2MiB',
      '<memoryBacking><hugepages><page size="2048" unit="KiB"/></hugepages><source type="memfd"/><access mode="shared"/></memoryBacking>',
    ],
  ] as const)(
    'has memory that it shares with what serves its directories, in pages of %s',
    (hugepages, words) => {
      const layout = { ...PLAIN_LAYOUT, hugepages };
      const sharing = documentOf(minimalMachine({ shares: EXTRAS.shares, layout }));
      expect(sharing.replaceAll(/\n\s*/gu, '')).toContain(words);
      expect(diagnostics(sharing, 'domain')).toStrictEqual([]);
      expect(readOddities(parseXml(sharing))).toStrictEqual([]);
      const alone = sharing.replaceAll(/<filesystem[^]*?<\/filesystem>/gu, '');
      expect(readOddities(parseXml(alone))).toStrictEqual(['memoryBacking source', 'memoryBacking access']);
    },
  );

  it('is one of aarch64, whose guests know another TPM', () => {
    const arm = minimalMachine({ hasTpm: true, arch: 'aarch64', machineType: 'virt', firmware: 'uefi' });
    expect(documentOf(arm, 'aarch64')).toContain('<tpm model="tpm-tis">');
  });
});
