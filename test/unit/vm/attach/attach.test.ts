import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { attachDisk } from '../../../../src/vm/attach/attach-disk.ts';
import { detachDisk } from '../../../../src/vm/attach/detach-disk.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { domainOf } from '../list/tagged.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DIRECTORY = '/images/my-vm';

function host(xml = domainOf('my-vm', [])): TestContext {
  const context = testContext();
  context.hypervisor.addDomain('my-vm', xml, 'shut off');
  context.hypervisor.addDirectory(DIRECTORY, 'boot.qcow2');
  return context;
}

async function attach(context: TestContext, sizeGib = 2, target?: string) {
  using domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a my-vm');
  return await attachDisk(domain, context, { sizeGib, target });
}

async function detach(context: TestContext, target: string) {
  using domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a my-vm');
  return await detachDisk(domain, context, target);
}

function disks({ hypervisor }: TestContext) {
  const document = parseXml(hypervisor.domains.get('my-vm')?.xml ?? '');
  return {
    stored: readDomain(document).disks.map(({ target, source }) => `${target} ${source}`),
    declared: metadataInDomain(document)?.declared.dataDisks.map(
      ({ device, sizeGib }) => `${device} ${sizeGib}`,
    ),
    files: [...(hypervisor.directories.get(DIRECTORY)?.keys() ?? [])],
  };
}

const BOOT = `vda ${DIRECTORY}/boot.qcow2`;
const AT_FIRST = { stored: [BOOT], declared: [], files: ['boot.qcow2'] };
const WITH_DISK = {
  stored: [BOOT, `vdb ${DIRECTORY}/data-vdb.qcow2`],
  declared: ['vdb 2'],
  files: ['boot.qcow2', 'data-vdb.qcow2'],
};

describe('a disk', () => {
  it('is attached and detached; its file stays', async () => {
    const context = host();
    expect(await attach(context)).toBe('changed');
    expect(disks(context)).toStrictEqual(WITH_DISK);
    expect(context.hypervisor.calls.filter((call) => /^Domain|createVolume/u.test(call))).toStrictEqual([
      'Domain.status',
      'Domain.xml',
      'Domain.setMetadata',
      'Pool.createVolume',
      'Domain.attachDevice',
    ]);
    expect(await attach(context, 2, 'vdb')).toBe('unchanged');
    expect(await detach(context, 'vdb')).toBe('changed');
    expect(disks(context)).toStrictEqual({ ...AT_FIRST, files: WITH_DISK.files });
    expect(await detach(context, 'vdb')).toBe('unchanged');
    expect(context.progress.lines).toContain(`note: left: ${DIRECTORY}/data-vdb.qcow2 (the disk's file)`);
    await expect(attach(context)).rejects.toThrow(/exists already, and is not a disk of the VM/u);
    expect([context.hypervisor.held, context.hypervisor.pools.size]).toStrictEqual([0, 0]);
  });

  it.each(['Domain.setMetadata', 'Pool.createVolume', 'Domain.attachDevice'])(
    'leaves nothing where %s fails',
    async (failing) => {
      const context = host();
      context.hypervisor.fault = (call) => (call === failing ? 'other' : undefined);
      await expect(attach(context)).rejects.toMatchObject({ name: 'PlowError' });
      expect(disks(context)).toStrictEqual(AT_FIRST);
    },
  );

  it('that a plow which was killed has begun is finished, with or without its target', async () => {
    const context = host();
    const { hypervisor } = context;
    await attach(context);
    const before = host().hypervisor.domains.get('my-vm')?.xml ?? '';
    const begun = hypervisor.domains.get('my-vm')?.xml.replace(/<disk [^]*<\/disk>/u, '') ?? '';
    expect(begun).not.toBe(before);
    const boot = /<disk [^]*?<\/disk>/u.exec(before)?.[0] ?? '';
    hypervisor.addDomain(
      'my-vm',
      begun.replace('</devices>', () => `${boot}</devices>`),
      'shut off',
    );
    expect(await attach(context)).toBe('changed');
    expect(disks(context)).toStrictEqual(WITH_DISK);
  });

  it.each<[string, (context: TestContext) => Promise<unknown>, RegExp]>([
    ['another one of that target', (context) => attach(context, 1, 'vda'), /another disk vda/u],
    ['the boot disk', (context) => detach(context, 'vda'), /the VM boots from it/u],
  ])('is refused: %s', async (_, work, words) => {
    const context = host();
    await expect(work(context)).rejects.toThrow(words);
    expect(disks(context)).toStrictEqual(AT_FIRST);
  });

  it('of a VM of another tool has no directory to lie in', async () => {
    const context = host(domainOf('my-vm', []).replace(/<metadata>[^]*<\/metadata>/u, ''));
    await expect(attach(context)).rejects.toThrow(/was not made by plow/u);
  });
});
