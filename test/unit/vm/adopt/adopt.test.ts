import { describe, expect, it } from 'vitest';
import { parseIfPossible } from '../../../../src/libvirt-xml/read/parse.ts';
import { METADATA_NAMESPACE } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { adoptVm } from '../../../../src/vm/adopt/adopt.ts';
import { Exporter } from '../../../../src/vm/export/export-vm.ts';
import { declaredOf, cloudInit, minimalMachine } from '../../machines.ts';
import type { TestContext } from '../context.ts';
import { contextWith, exported } from '../export/vms.ts';

const web = minimalMachine({ name: 'web', provisioning: cloudInit({ hostname: 'web' }) });
const foreign = { withMetadata: false } as const;

async function adopt(context: TestContext, name = 'web'): Promise<boolean> {
  const vm = await new Exporter(context).export(name);
  const { checked } = await exported(context, name);
  return adoptVm(vm, checked.machine, context);
}

function xmlOf(context: TestContext): string {
  return context.hypervisor.domains.get('web')?.xml ?? '';
}

describe('adopting a VM', () => {
  it("writes plow's metadata and nothing else", async () => {
    const context = contextWith(web, foreign);
    const before = context.hypervisor.census();
    const xml = xmlOf(context);
    expect(await adopt(context)).toBe(true);
    expect(metadataInDomain(parseIfPossible(xmlOf(context)))).toStrictEqual({
      status: 'ready',
      uuid: '00000000-0000-4000-8000-000000000099',
      version: '0.1.0',
      created: '2025-01-02T03:04:05.000Z',
      directory: '/images/web',
      declared: declaredOf(web),
    });
    const domain = context.hypervisor.domains.get('web');
    if (domain === undefined) throw new Error('it is gone');
    domain.xml = domain.xml.replace(/<metadata>.*<\/metadata>/su, '');
    expect(domain.xml).toBe(xml);
    expect(context.hypervisor.census()).toStrictEqual(before);
  }, 10_000);

  it('does nothing to one of its own', async () => {
    const context = contextWith(web);
    const xml = xmlOf(context);
    expect(await adopt(context)).toBe(false);
    expect(xmlOf(context)).toBe(xml);
  });

  const NAMED = `<domain type="kvm"><name>other</name><devices><disk type="file" device="disk"><source file="/images/web/x"/></disk></devices></domain>`;

  it.each<[string, (context: TestContext) => void, string]>([
    ['is not complete', () => {}, 'the exported file is not complete'],
    [
      'exists only while it runs',
      ({ hypervisor }) => hypervisor.transient.add('web'),
      'it exists only while it runs',
    ],
    [
      'shares its directory',
      ({ hypervisor }) => hypervisor.addDomain('other', NAMED, 'shut off'),
      "VM 'other' has /images/web/x",
    ],
    [
      'has a file that plow would take for its own',
      ({ hypervisor }) => {
        const files = hypervisor.directories.get('/images/web');
        files?.set('disk.qcow2', files.get('boot.qcow2') ?? '');
        edit(hypervisor, '/images/web/boot.qcow2', '/images/web/disk.qcow2');
      },
      '/images/web/boot.qcow2 is no disk of it, and plow would take it for one that it made',
    ],
    [
      'is behind a link',
      ({ hypervisor }) => hypervisor.links.set('/images/web', '/srv/web'),
      '/images/web is a link to /srv/web',
    ],
    [
      'is in the storage path itself',
      ({ hypervisor }) => edit(hypervisor, '/images/web/boot.qcow2', '/images/boot.qcow2'),
      'its boot disk is in /images, where every VM may have some',
    ],
    [
      'is in a directory of another name',
      ({ hypervisor }) => edit(hypervisor, '/images/web/boot.qcow2', '/images/mail/boot.qcow2'),
      'its boot disk is in /images/mail, which is not called as the VM is',
    ],
  ])('is refused where it %s', async (what, prepare, reason) => {
    const machine = what === 'is not complete' ? { ...web, provisioning: undefined } : web;
    const context = contextWith(machine, foreign);
    for (const path of ['/images', '/images/mail']) context.hypervisor.addDirectory(path, 'boot.qcow2');
    prepare(context);
    const xml = xmlOf(context);
    await expect(adopt(context)).rejects.toMatchObject({
      kind: 'validation',
      message: `VM 'web' cannot be adopted: ${reason}`,
    });
    expect(xmlOf(context)).toBe(xml);
    expect(xml).not.toContain(METADATA_NAMESPACE.uri);
  });

  it('is refused where plow would call it otherwise', async () => {
    const context = contextWith({ ...web, name: 'Web' }, foreign);
    await expect(adopt(context, 'Web')).rejects.toThrow("plow would call it 'web'");
  });
});

function edit(hypervisor: TestContext['hypervisor'], from: string, to: string): void {
  const domain = hypervisor.domains.get('web');
  if (domain !== undefined) domain.xml = domain.xml.replaceAll(from, to);
}
