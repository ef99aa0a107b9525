import { describe, expect, it } from 'vitest';
import { END_NAMESPACE } from '../../../../src/libvirt-xml/metadata/end.ts';
import { metadataWithoutNamespace } from '../../../../src/libvirt-xml/metadata/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { listNames, listVms } from '../../../../src/vm/list/list.ts';
import type { VmFact, VmRow } from '../../../../src/vm/list/list.ts';
import { fullMachine } from '../../machines.ts';
import { listed, listing, ownDocument, seen } from '../listed.ts';
import type { Listed } from '../listed.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const TABLE: ReadonlySet<VmFact> = new Set();
const EVERYTHING: ReadonlySet<VmFact> = new Set(['own', 'documents', 'addresses', 'flags', 'files']);

async function rowsOf(...domains: readonly Listed[]): Promise<readonly VmRow[]> {
  return listVms(listing(...domains), { all: true, facts: TABLE });
}

/** One that plow made, with interfaces of these MAC addresses. */
function own(status: 'creating' | 'ready', ...macs: readonly string[]): string {
  const element = metadataWithoutNamespace({
    status,
    uuid: UUID,
    version: '0.1.0',
    created: '',
    directory: '/images/vm',
    stored: toStored(fullMachine()),
  });
  return ownDocument(element, interfaces(macs));
}

function withMacs(...macs: readonly string[]): string {
  return `<domain><devices>${interfaces(macs)}</devices></domain>`;
}

function interfaces(macs: readonly string[]): string {
  return macs.map((mac) => `<interface type='bridge'><mac address='${mac}'/></interface>`).join('');
}

function withAgent(): string {
  return `<domain><devices><channel><target name='org.qemu.guest_agent.0' state='connected'/></channel></devices></domain>`;
}

describe('the list of VMs', () => {
  it.each<[string, Parameters<typeof listed>[0], Pick<VmRow, 'state' | 'address'>]>([
    [
      "plow's shows the address it was made with",
      { xml: own('ready', 'be:ef:0a:14:1e:28', 'be:ef:c0:a8:01:32') },
      { state: 'running', address: '10.20.30.40' },
    ],
    [
      "plow's whose first interface is gone shows the address of the next",
      { xml: own('ready', 'be:ef:c0:a8:01:32') },
      { state: 'running', address: '192.168.1.50' },
    ],
    [
      "plow's without an interface shows no address",
      { xml: own('ready') },
      { state: 'running', address: undefined },
    ],
    [
      "plow's with another interface shows what was seen there",
      {
        xml: own('ready', '52:54:00:11:22:33'),
        seen: [seen('lease', '192.168.122.9')],
      },
      { state: 'running', address: '192.168.122.9' },
    ],
    [
      "plow's of which nobody knows the interfaces shows no address",
      { xml: own('ready') },
      { state: 'running', address: undefined },
    ],
    [
      "plow's that is off shows no address",
      { xml: own('ready'), active: false, info: { state: 'shut off' } },
      { state: 'shut off', address: undefined },
    ],
    [
      'a create that died is incomplete',
      { xml: own('creating'), active: false, info: { state: 'shut off' } },
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
      {
        xml: ownDocument(`<vm status="creating" uuid="${UUID}" directory="/d">null</vm>`),
        info: { state: 'paused' },
      },
      { state: 'paused', address: undefined },
    ],
    [
      'metadata that is no XML counts for nothing',
      { xml: ownDocument('<vm &nothing; status="creating">junk</vm>') },
      { state: 'running', address: undefined },
    ],
  ])('%s', async (_, changes, row) => {
    expect(await rowsOf(listed(changes))).toMatchObject([
      { name: 'vm', vcpus: 2, memoryKib: 4_194_304, ...row },
    ]);
  });

  it('has no two VMs with one address because one of them had it once', async () => {
    const former = { xml: own('ready', '52:54:00:11:22:33') };
    const heir = listed({ name: 'heir', xml: withMacs('be:ef:0a:14:1e:28') });
    for (const facts of [TABLE, EVERYTHING]) {
      const rows = await listVms(listing(listed(former), heir), { all: true, facts });
      expect(rows.map(({ name, address, declared }) => [name, address, declared.length])).toStrictEqual([
        ['heir', '10.20.30.40', 1],
        ['vm', undefined, 0],
      ]);
    }
  });

  it("has libvirt's description of each, not the one that plow made it with", async () => {
    const described = `<domain><description>Ünï 漢字</description></domain>`;
    const hypervisor = listing(
      listed({ name: 'other', xml: described }),
      listed({ name: 'own', xml: own('ready').replace('<domain>', described.replace('</domain>', '')) }),
    );
    const rows = await listVms(hypervisor, { all: true, facts: EVERYTHING });
    expect(rows.map(({ description }) => description)).toStrictEqual(['Ünï 漢字', 'Ünï 漢字']);
  });

  it.each<[string, Parameters<typeof listed>[0], ReadonlySet<VmFact>, string]>([
    ['whose address is known', { xml: own('ready', 'be:ef:0a:14:1e:28') }, TABLE, 'nobody'],
    ['that is off', { active: false, xml: withMacs('52:54:00:11:22:33') }, EVERYTHING, 'nobody'],
    ['whose MAC address tells it', { xml: withMacs('be:ef:0a:14:1e:28') }, TABLE, 'nobody'],
    ['of another network', { xml: withMacs('52:54:00:11:22:33') }, TABLE, 'host'],
    ['with a guest agent', { xml: withAgent() }, TABLE, 'guest'],
    [
      'whose address is known, but all is to be told',
      { xml: withMacs('be:ef:0a:14:1e:28') },
      EVERYTHING,
      'host',
    ],
    ['that went away', {}, TABLE, 'host'],
  ])('of one %s asks no more than it needs', async (_, domain, facts, tellers) => {
    const hypervisor = listing(listed(domain));
    await listVms(hypervisor, { all: true, facts });
    const asked = hypervisor.questions.map(({ askAgent }) => (askAgent ? 'guest' : 'host'));
    expect(asked.length === 0 ? ['nobody'] : asked).toStrictEqual([tellers]);
    expect(hypervisor.held).toBe(0);
  });

  it('is sorted by name, byte by byte', async () => {
    const rows = await rowsOf(...['vm10', 'b', 'a', 'vm9', 'B', 'vm1'].map((name) => listed({ name })));
    expect(rows.map(({ name }) => name)).toStrictEqual(['B', 'a', 'b', 'vm1', 'vm10', 'vm9']);
  });

  it.each([
    [true, false],
    [false, true],
  ])('with all = %s asks for active domains only = %s', async (all, activeOnly) => {
    const hypervisor = listing();
    expect(await listVms(hypervisor, { all, facts: TABLE })).toStrictEqual([]);
    expect(hypervisor.asked).toStrictEqual([{ activeOnly, info: true, documents: true, flags: false }]);
  });

  it.each<[VmFact, object]>([
    ['own', { flags: false }],
    ['documents', { flags: false }],
    ['addresses', { flags: false }],
    ['flags', { flags: true }],
    ['files', { flags: false, missingWithinMs: 2000 }],
  ])('asks for what %s take, and for nothing else', async (fact, more) => {
    const hypervisor = listing();
    await listVms(hypervisor, { all: true, facts: new Set([fact]) });
    const usual = { activeOnly: false, info: true, documents: true };
    expect(hypervisor.asked).toStrictEqual([{ ...usual, ...more }]);
  });

  it('tells when a lease ends, whether it runs or not', async () => {
    const expires = '2026-12-01T12:00:00.000Z';
    const end = `<plow-end:end xmlns:plow-end="${END_NAMESPACE.uri}" uuid="${UUID}" expires="${expires}"/>`;
    const xml = `<domain><metadata>${end}</metadata></domain>`;
    const rows = await rowsOf(
      listed({ name: 'a', xml }),
      listed({ name: 'b', active: false, xml }),
      listed({ name: 'c' }),
    );
    expect(rows.map((row) => row.end.expires)).toStrictEqual([expires, expires, undefined]);
  });

  it('of names asks for no fact at all', async () => {
    const hypervisor = listing(listed({ name: 'b' }), listed({ name: 'a' }));
    expect(await listNames(hypervisor, { all: true })).toStrictEqual(['a', 'b']);
    expect(hypervisor).toMatchObject({ asked: [{ activeOnly: false }], questions: [], held: 0 });
    expect(Object.keys(hypervisor.asked[0] ?? {})).toStrictEqual(['activeOnly']);
  });
});
