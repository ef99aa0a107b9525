import { describe, expect, it } from 'vitest';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { findOutdated } from '../../../../src/vm/image-store/outdated-images.ts';
import { bootDisk, minimalMachine } from '../../machines.ts';
import type { TestContext } from '../context.ts';
import { hostWithImages, pathOf, RECORD } from './records.ts';

const KIND = { arch: 'x86_64', virtType: 'qemu', backingFormat: 'qcow2' } as const;
const [OLD, NEW] = [{ version: '20260101-1' }, { version: '20260201-1' }];

/** A VM of an image, as plow made it. */
function add(
  { hypervisor }: TestContext,
  version: string,
  { name = 'web', created = '2026-01-03T00:00:00.000Z' } = {},
): void {
  const path = pathOf({ name: 'debian', version });
  const known = { name: 'debian', version, digest: undefined, path };
  const machine = minimalMachine({ name, bootDisk: bootDisk({ image: path, known }) });
  const uuid = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
  const head = { status: 'ready', uuid, version: '1', directory: `/images/${name}` } as const;
  const metadata = newMetadata(machine, { ...head, createdAt: new Date(created) });
  hypervisor.addDomain(name, domainXml(machine, { ...KIND, metadata }), 'shut off');
}

const told = async (context: TestContext): Promise<readonly string[]> =>
  (await findOutdated(context)).map(
    ({ vm, image, newest }) => `${vm}: ${image.version} -> ${newest.version}`,
  );

describe('a VM is of an older image', () => {
  it('by its metadata', async () => {
    const context = hostWithImages(OLD, { ...NEW, token: 'b' });
    add(context, '20260101-1');
    add(context, '20260201-1', { name: 'new' });
    expect(await told(context)).toStrictEqual(['web: 20260101-1 -> 20260201-1']);
  });

  it('by what lies below its disk, of one that plow did not make', async () => {
    const context = hostWithImages(OLD, { ...NEW, token: 'b' });
    const below = `<backingStore><source file='${pathOf(RECORD)}'/><backingStore/></backingStore>`;
    const disk = `<disk type='file'><source file='/a'/>${below}</disk>`;
    context.hypervisor.addDomain(
      'x',
      `<domain><name>x</name><devices>${disk}</devices></domain>`,
      'shut off',
    );
    expect(await told(context)).toStrictEqual(['x: 20260101-1 -> 20260201-1']);
  });

  it('of which the record has gone, where the newest has a higher number', async () => {
    const context = hostWithImages(NEW);
    add(context, '20260101-1');
    add(context, '20260301-1', { name: 'newer' });
    expect(await told(context)).toStrictEqual(['web: 20260101-1 -> 20260201-1']);
  });

  it('that nobody numbers, where one was pulled since it was made', async () => {
    const context = hostWithImages({ version: 'abc', at: '2026-02-01T00:00:00.000Z' });
    add(context, 'def');
    add(context, 'def', { name: 'later', created: '2026-02-02T00:00:00.000Z' });
    expect(await told(context)).toStrictEqual(['web: def -> abc']);
  });

  it('not by one that is still being pulled', async () => {
    const context = hostWithImages(OLD, { ...NEW, token: 'b', status: 'pulling' });
    add(context, '20260101-1');
    expect(await told(context)).toStrictEqual([]);
  });

  it('never where no image was pulled, and then no document is read', async () => {
    const context = hostWithImages();
    add(context, '20260101-1');
    expect(await told(context)).toStrictEqual([]);
    expect(context.hypervisor.calls).not.toContain('domainDocuments');
  });
});
