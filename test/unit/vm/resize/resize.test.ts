import { describe, expect, it } from 'vitest';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { GUARD_NAMESPACE } from '../../../../src/libvirt-xml/metadata/guard.ts';
import { guardElement } from '../../../../src/libvirt-xml/metadata/write.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { resizeVm } from '../../../../src/vm/resize/resize.ts';
import type { NewSize } from '../../../../src/vm/resize/resize.ts';
import { GIB } from '../../../../src/text/units.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { domainOf } from '../list/tagged.ts';

const DIRECTORY = '/images/my-vm';

function host(state: DomainState, xml = domainOf('my-vm', [])): TestContext {
  const context = testContext();
  const { hypervisor } = context;
  hypervisor.addDomain('my-vm', xml, state);
  hypervisor.addDirectory(DIRECTORY, 'boot.qcow2');
  hypervisor.sizes.set('vda', { capacityBytes: GIB, takenBytes: 0 });
  return context;
}

const size = (changes: Partial<NewSize>): NewSize => ({
  vcpus: undefined,
  memoryMib: undefined,
  disks: new Map(),
  ...changes,
});

async function resize(context: TestContext, wanted: Partial<NewSize>) {
  using domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a my-vm');
  return await resizeVm(domain, context, size(wanted));
}

function facts({ hypervisor }: TestContext) {
  const document = parseXml(hypervisor.domains.get('my-vm')?.xml ?? '');
  const { vcpus, maximumVcpus, memoryKib, currentMemoryKib } = readDomain(document);
  return { vcpus, maximumVcpus, memoryKib, currentMemoryKib, declared: metadataInDomain(document)?.declared };
}

const brief = ({ hypervisor: { calls } }: TestContext): readonly string[] =>
  calls.map((call) => call.replace(/^Domain\./u, ''));

describe('a VM that is off', () => {
  it('gets CPUs and memory, and its metadata follows', async () => {
    const context = host('shut off');
    expect(await resize(context, { vcpus: 8, memoryMib: 8192 })).toBe('changed');
    expect(facts(context)).toMatchObject({
      vcpus: 8,
      maximumVcpus: 8,
      memoryKib: 8 * 2 ** 20,
      currentMemoryKib: 8 * 2 ** 20,
      declared: { vcpus: 8, memoryKib: 8 * 2 ** 20 },
    });
    expect(context.progress.lines).toStrictEqual(["done: VM 'my-vm' resized: 8 CPUs, 8 GiB of memory"]);
    expect(brief(context)).toStrictEqual([
      'findDomain',
      'status',
      'memory',
      'xml',
      'setVcpus stored maximum',
      'setVcpus stored',
      'setMemory stored maximum',
      'setMemory stored',
      'xml',
      'setMetadata',
    ]);
    expect(context.hypervisor.held).toBe(0);
  });

  it('gets a larger disk, through a pool that is gone afterwards', async () => {
    const context = host('shut off');
    expect(await resize(context, { disks: new Map([['vda', 4]]) })).toBe('changed');
    const { hypervisor } = context;
    expect(hypervisor.directories.get(DIRECTORY)?.get('boot.qcow2')).toBe(`qcow2 ${4 * GIB}`);
    expect(facts(context).declared?.bootDisk.sizeGib).toBe(4);
    expect(hypervisor.pools.size).toBe(0);
    expect(hypervisor.held).toBe(0);
  });

  it('that has it already is left as it is', async () => {
    const context = host('shut off');
    await resize(context, { vcpus: 8, disks: new Map([['vda', 1]]) });
    const before = context.hypervisor.census();
    expect(await resize(context, { vcpus: 8, disks: new Map([['vda', 1]]) })).toBe('unchanged');
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(context.progress.lines.at(-1)).toBe("note: VM 'my-vm' is so already: disk vda of 1 GiB, 8 CPUs");
  });
});

describe('a VM that runs', () => {
  it('gets a larger disk at once, and CPUs at its next start', async () => {
    const context = host('running');
    expect(await resize(context, { vcpus: 8, disks: new Map([['vda', 4]]) })).toBe('changed');
    expect(context.hypervisor.sizes.get('vda')?.capacityBytes).toBe(4 * GIB);
    expect(context.progress.lines).toStrictEqual([
      "done: VM 'my-vm' resized: disk vda of 4 GiB",
      "note: VM 'my-vm' has 8 CPUs from its next start on",
    ]);
    expect(brief(context).filter((call) => /resize|setVcpus/u.test(call))).toStrictEqual([
      'resizeDisk',
      'setVcpus stored maximum',
      'setVcpus stored',
    ]);
  });

  it('of another tool, with room, gets CPUs and memory at once', async () => {
    const room = domainOf('my-vm', [])
      .replace(/<metadata>[^]*<\/metadata>/u, '')
      .replace(/<vcpu.*<\/vcpu>/u, '<vcpu placement="static" current="1">4</vcpu>')
      .replace(
        /<memory .*<\/memory>/u,
        '<memory unit="GiB">4</memory><currentMemory unit="GiB">1</currentMemory>',
      );
    const context = host('running', room);
    await resize(context, { vcpus: 3, memoryMib: 2048 });
    expect(context.progress.lines).toStrictEqual(["done: VM 'my-vm' resized: 3 CPUs, 2 GiB of memory"]);
    expect(brief(context).filter((call) => call.startsWith('set'))).toStrictEqual([
      'setVcpus stored',
      'setVcpus live',
      'setMemory stored',
      'setMemory live',
    ]);
    expect(facts(context)).toMatchObject({ vcpus: 3, maximumVcpus: 4, memoryKib: 4 * 2 ** 20 });
  });
});

function guarded(): string {
  const { prefix, uri } = GUARD_NAMESPACE;
  const uuid = parseXml(domainOf('my-vm', [])).first('uuid')?.text() ?? '';
  const inside = guardElement(uuid).replace('<guard', `<${prefix}:guard xmlns:${prefix}="${uri}"`);
  return domainOf('my-vm', []).replace('<metadata>', () => `<metadata>${inside}`);
}

describe('nothing is changed', () => {
  const base = `<domain><name>other</name><uuid>u</uuid><devices><disk type='file' device='disk'>
    <driver type='qcow2'/><source file='/images/top.qcow2'/><target dev='vda'/>
    <backingStore type='file'><format type='qcow2'/><source file='${DIRECTORY}/boot.qcow2'/><backingStore/></backingStore>
    </disk></devices></domain>`;
  const other = (context: TestContext): void => context.hypervisor.addDomain('other', base, 'shut off');

  it.each<[string, Partial<NewSize>, RegExp, (context: TestContext) => void]>([
    ['where a disk would shrink', { vcpus: 8, disks: new Map([['vda', 0.5]]) }, /cannot shrink/u, () => {}],
    ['where there is no such disk', { disks: new Map([['vdz', 5]]) }, /has no disk vdz/u, () => {}],
    [
      'where another VM stands on the file',
      { disks: new Map([['vda', 5]]) },
      /VM 'other' stands on it/u,
      other,
    ],
    [
      'where the hypervisor has less memory',
      { memoryMib: 2 * 2 ** 20 },
      /the hypervisor has 1024 GiB/u,
      () => {},
    ],
    [
      'where memory was saved',
      { vcpus: 8 },
      /goes on from saved memory/u,
      ({ hypervisor }) => void (hypervisor.status = { managedSave: true }),
    ],
    [
      'where disks have snapshots',
      { disks: new Map([['vda', 5]]) },
      /has snapshots/u,
      ({ hypervisor }) => void (hypervisor.status = { snapshots: 1 }),
    ],
    [
      'where it is protected',
      { disks: new Map([['vda', 5]]) },
      /is protected: its disks are not resized/u,
      ({ hypervisor }) => hypervisor.addDomain('my-vm', guarded(), 'shut off'),
    ],
    [
      'of one whose create died',
      { vcpus: 8 },
      /is incomplete/u,
      ({ hypervisor }) => hypervisor.addDomain('my-vm', domainOf('my-vm', [], 'creating'), 'shut off'),
    ],
  ])('%s', async (_, wanted, words, prepare) => {
    const context = host('shut off');
    prepare(context);
    const before = context.hypervisor.census();
    await expect(resize(context, wanted)).rejects.toThrow(words);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });
});

it('one that fails half way says what is done, and goes on', async () => {
  const context = host('shut off');
  context.hypervisor.fault = (call) => (call === 'Domain.setMemory stored' ? 'other' : undefined);
  await expect(resize(context, { vcpus: 8, memoryMib: 8192 })).rejects.toMatchObject({
    message:
      "cannot resize VM 'my-vm': done is 8 CPUs, 8 GiB of memory in part; the same command does the rest",
  });
  context.hypervisor.fault = () => undefined;
  expect(await resize(context, { vcpus: 8, memoryMib: 8192 })).toBe('changed');
  expect(facts(context)).toMatchObject({ vcpus: 8, currentMemoryKib: 8 * 2 ** 20, declared: { vcpus: 8 } });
});
