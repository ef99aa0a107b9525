import { describe, expect, it } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { markReady } from '../../../../src/libvirt-xml/metadata/write.ts';
import { parseIfPossible } from '../../../../src/libvirt-xml/read/parse.ts';
import { destroyVm } from '../../../../src/vm/destroy/destroy.ts';
import { planDestroy } from '../../../../src/vm/destroy/plan.ts';
import { fullMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const DATA = ['data-vdb.qcow2', 'data-vdc.qcow2'];
const FILES = ['boot.qcow2', ...DATA, 'cloudinit.iso'];

/** Its create died, where there are `adopted` disks. */
function documentOf(adopted: readonly string[] = []): string {
  const machine = fullMachine({ name: 'web' });
  const status = adopted.length > 0 ? ('creating' as const) : ('ready' as const);
  const head = { status, adopted, uuid: UUID, version: '', created: '', directory: '/images/web' };
  return domainXml(machine, {
    arch: 'x86_64',
    virtType: 'qemu',
    backingFormat: 'qcow2',
    metadata: { ...head, stored: toStored(machine) },
  });
}

function host(document = documentOf()): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  context.hypervisor.addDirectory('/images/web', ...FILES);
  context.hypervisor.addDomain('web', document, 'shut off');
  return context;
}

function filesOf({ hypervisor }: TestContext): readonly string[] {
  return [...(hypervisor.directories.get('/images/web')?.keys() ?? [])];
}

describe('a VM whose data is kept', () => {
  it('leaves all disks but the one that it starts from, as the plan says, for a few calls more', async () => {
    const context = host();
    const { hypervisor } = context;
    const domain = await hypervisor.findDomain('web');
    if (domain === undefined) throw new Error('there is a web');
    const plan = await planDestroy(domain, context, { keepsData: true });
    expect([...plan.stays.keys()]).toEqual(DATA.map((file) => `/images/web/${file}`));
    const plain = host();
    await destroyVm('web', plain);
    hypervisor.calls.length = 0;
    const destroyed = await destroyVm('web', context, { keepsData: true });
    expect(destroyed?.left).toEqual(plan.stays);
    expect(filesOf(context)).toEqual(DATA);
    expect(await hypervisor.findDomain('web')).toBeUndefined();
    const more = countOf(hypervisor.calls);
    for (const [call, count] of countOf(plain.hypervisor.calls))
      more.set(call, (more.get(call) ?? 0) - count);
    expect(Object.fromEntries([...more].filter(([, count]) => count !== 0))).toEqual(MORE);
  });

  it('is refused where a disk stands on another file, also one that has come to it as the VM stopped', async () => {
    const context = host();
    context.hypervisor.backing.set('/images/web/data-vdc.qcow2', '/images/other/data-vdc.qcow2');
    const before = context.hypervisor.census();
    const error = await thrownBy(destroyVm('web', context, { keepsData: true }));
    expect(error).toMatchObject({
      kind: 'operation',
      message:
        '/images/web/data-vdc.qcow2 stands on /images/other/data-vdc.qcow2, which would not be kept with it',
    });
    expect(context.hypervisor.census()).toEqual(before);

    const late = host();
    const { hypervisor } = late;
    let looks = 0;
    hypervisor.fault = (call) => {
      if (call === 'Domain.isPersistent' && (looks += 1) === 2)
        hypervisor.backing.set('/images/web/data-vdb.qcow2', '/images/web/snap-00000000-vdb.qcow2');
      return undefined;
    };
    expect(await thrownBy(destroyVm('web', late, { keepsData: true }))).toMatchObject({ kind: 'operation' });
    expect(filesOf(late)).toEqual(FILES);
  });

  it('is refused where a disk that it has is not there, or is called otherwise', async () => {
    const gone = host();
    gone.hypervisor.directories.get('/images/web')?.delete('data-vdc.qcow2');
    expect(await thrownBy(destroyVm('web', gone, { keepsData: true }))).toMatchObject({
      message: '/images/web/data-vdc.qcow2 is not there, and cannot be kept',
    });
    const layered = host(documentOf().replace('data-vdb.qcow2', 'snap-00000000-vdb.qcow2'));
    layered.hypervisor.directories.get('/images/web')?.set('snap-00000000-vdb.qcow2', 'qcow2 1073741824');
    expect(await thrownBy(destroyVm('web', layered, { keepsData: true }))).toMatchObject({
      message:
        'disk vdb is /images/web/snap-00000000-vdb.qcow2, and create --adopt-data takes data-vdb.qcow2 alone',
    });
  });

  it('keeps its seed only where nothing is kept: with it plow gc would take the data', async () => {
    const context = host();
    const seed =
      "<disk type='file' device='cdrom'><source file='/images/web/cloudinit.iso'/><target dev='sda'/></disk>";
    context.hypervisor.addDomain(
      'other',
      `<domain><name>other</name><devices>${seed}</devices></domain>`,
      'shut off',
    );
    const error = await thrownBy(destroyVm('web', context, { keepsData: true }));
    expect(error).toMatchObject({
      kind: 'storage',
      message: expect.stringContaining('cloudinit.iso has to go') as unknown,
    });
    expect(filesOf(context)).toEqual(FILES);
    expect(await context.hypervisor.findDomain('web')).toBeDefined();
  });

  it('is refused where plow has not made it', async () => {
    const context = host('<domain><name>web</name></domain>');
    const error = await thrownBy(destroyVm('web', context, { keepsData: true }));
    expect(error).toMatchObject({
      message: "VM 'web' was not made by plow: which of its disks hold data is not known",
    });
  });
});

describe('disks that were there before a VM', () => {
  it('are not its own until it is complete', async () => {
    const context = host(documentOf(['vdb']));
    await destroyVm('web', context);
    expect(filesOf(context)).toEqual(['data-vdb.qcow2']);
  });

  it('are marked as long as it is being created', () => {
    const document = documentOf(['vdb', 'vdc']);
    const withUuid = document.replace('<name>', `<uuid>${UUID}</uuid><name>`);
    expect(metadataInDomain(parseIfPossible(withUuid))).toMatchObject({
      status: 'creating',
      adopted: ['vdb', 'vdc'],
    });
    const ready = markReady(withUuid);
    expect(metadataInDomain(parseIfPossible(ready))).toMatchObject({ status: 'ready' });
    expect(ready).not.toContain('adopted');
  });
});

/** It looks at the disks twice. The disks that stay need not be looked up to be deleted. */
const MORE = {
  'Domain.isPersistent': 1,
  'Domain.xml': 2,
  'Pool.findVolume': 2,
  'Pool.removeDirectory': -1,
  'Pool.stop': 2,
  'Volume.delete': -2,
  'Volume.xml': 4,
  findDomain: -1,
  startPool: 2,
};

function countOf(calls: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return counts;
}
