import { describe, expect, it } from 'vitest';
import { METADATA_NAMESPACE, withoutSecrets } from '../../../src/libvirt-xml/domain-metadata.ts';
import { metadataWithoutNamespace } from '../../../src/libvirt-xml/write-metadata.ts';
import type { ListedDomain, ListOptions } from '../../../src/vm/hypervisor.ts';
import { listVms } from '../../../src/vm/list.ts';
import type { VmRow } from '../../../src/vm/list.ts';
import { fullMachine } from '../machines.ts';
import { FakeHypervisor } from './fake-hypervisor.ts';
import { listed, seen } from './listed.ts';

async function rowsOf(...domains: readonly ListedDomain[]): Promise<readonly VmRow[]> {
  const hypervisor = Object.assign(new FakeHypervisor(), { listDomains: async () => domains });
  return listVms(hypervisor, { all: true, detail: 'table' });
}

function metadata(status: 'creating' | 'ready'): string {
  const machine = withoutSecrets(fullMachine());
  return metadataWithoutNamespace({
    status,
    uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    version: '0.1.0',
    created: '',
    directory: '/images/vm',
    machine,
  });
}

function withMacs(...macs: readonly string[]): string {
  const interfaces = macs.map((mac) => `<interface type='bridge'><mac address='${mac}'/></interface>`);
  return `<domain><devices>${interfaces.join('')}</devices></domain>`;
}

describe('the list of VMs', () => {
  it.each<[string, Parameters<typeof listed>[0], Pick<VmRow, 'state' | 'address'>]>([
    [
      "plow's shows the address it was made with",
      { metadata: metadata('ready') },
      { state: 'running', address: '10.20.30.40' },
    ],
    [
      "plow's that is off shows no address",
      { metadata: metadata('ready'), active: false, info: { state: 'shut off' } },
      { state: 'shut off', address: undefined },
    ],
    [
      'a create that died is incomplete',
      { metadata: metadata('creating'), active: false, info: { state: 'shut off' } },
      { state: 'incomplete', address: undefined },
    ],
    [
      "another's with a MAC address of plow's kind shows the address in it",
      { xml: withMacs('52:54:00:11:22:33', 'be:ef:0a:37:16:16'), seen: [seen('lease', '192.168.122.9')] },
      { state: 'running', address: '10.55.22.22' },
    ],
    [
      "another's shows what libvirt leased to it",
      {
        xml: withMacs('52:54:00:11:22:33'),
        seen: ['192.168.122.9', '192.168.122.10'].map((address) => seen('lease', address)),
      },
      { state: 'running', address: '192.168.122.9' },
    ],
    ["another's may show none", { xml: withMacs() }, { state: 'running', address: undefined }],
    ['one that went away meanwhile shows none', {}, { state: 'running', address: undefined }],
    [
      'metadata that is broken counts for nothing',
      { metadata: '<vm status="creating" directory="/d">null</vm>', info: { state: 'paused' } },
      { state: 'paused', address: undefined },
    ],
    [
      'metadata that is no XML counts for nothing',
      { metadata: 'junk' },
      { state: 'running', address: undefined },
    ],
  ])('%s', async (_, changes, row) => {
    expect(await rowsOf(listed(changes))).toMatchObject([
      { name: 'vm', vcpus: 2, memoryKib: 4_194_304, ...row },
    ]);
  });

  it('is sorted by name, byte by byte', async () => {
    const rows = await rowsOf(...['vm10', 'b', 'a', 'vm9', 'B', 'vm1'].map((name) => listed({ name })));
    expect(rows.map(({ name }) => name)).toStrictEqual(['B', 'a', 'b', 'vm1', 'vm10', 'vm9']);
  });

  it.each([
    [true, false],
    [false, true],
  ])('with all = %s asks for active domains only = %s', async (all, activeOnly) => {
    const asked: ListOptions[] = [];
    const hypervisor = Object.assign(new FakeHypervisor(), {
      listDomains: async (options: ListOptions) => {
        asked.push(options);
        return [];
      },
    });
    expect(await listVms(hypervisor, { all, detail: 'table' })).toStrictEqual([]);
    expect(asked).toMatchObject([{ activeOnly, metadataUri: METADATA_NAMESPACE.uri, detail: 'table' }]);
  });
});
