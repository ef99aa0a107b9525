import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { readIso } from '../../../../src/iso9660/read-iso.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { reseedVm } from '../../../../src/vm/rebuild/reseed.ts';
import { cloudInit, loaded, minimalMachine, networkInterface } from '../../machines.ts';
import { contextWith } from '../export/vms.ts';
import type { TestContext } from '../context.ts';

const web = minimalMachine({ name: 'web', provisioning: cloudInit({ hostname: 'web' }) });
const changed = minimalMachine({
  name: 'web',
  provisioning: cloudInit({ hostname: 'web', fqdn: 'web.example.com', packages: ['nginx'] }),
  interfaces: [networkInterface({ mac: web.interfaces[0]?.mac ?? '', address: '10.20.30.41' })],
});

function host(machine: Machine = web): TestContext {
  return { ...contextWith(machine), now: () => new Date('2025-01-02T04:00:00Z') };
}

async function reseed(context: TestContext, machine: Machine = changed): Promise<unknown> {
  using domain = await context.hypervisor.findDomain('web');
  if (domain === undefined) throw new Error('there is one');
  return await reseedVm(domain, loaded(machine), context);
}

function filesOf({ hypervisor }: TestContext): readonly string[] {
  return [...(hypervisor.directories.get('/images/web')?.keys() ?? [])].toSorted();
}

function seedOf(context: TestContext): ReadonlyMap<string, string> {
  const file = filesOf(context).find((name) => name.endsWith('.iso')) ?? '';
  const bytes = context.hypervisor.contents.get(`/images/web/${file}`) ?? new Uint8Array();
  return new Map([...readIso(bytes)].map(([name, content]) => [name, new TextDecoder().decode(content)]));
}

const documentOf = ({ hypervisor }: TestContext): string => hypervisor.domains.get('web')?.xml ?? '';
const keysIn = (text: string | undefined): string | undefined => /^ssh_keys:[^]*/mu.exec(text ?? '')?.[0];

describe('a new seed', () => {
  it('says what the file says, for a new instance with the host keys of the old one, which is gone', async () => {
    const context = host();
    const before = seedOf(context);
    expect(await reseed(context)).toBe('changed');
    expect(filesOf(context)).toEqual(['boot.qcow2', expect.stringMatching(/^cloudinit-[0-9a-f]{8}\.iso$/u)]);
    const after = seedOf(context);
    expect(after.get('user-data')).toContain('nginx');
    expect(keysIn(after.get('user-data'))).toBe(keysIn(before.get('user-data')));
    expect(after.get('meta-data')).not.toBe(before.get('meta-data'));
    const metadata = metadataInDomain(parseXml(documentOf(context)));
    const [, iso] = filesOf(context);
    expect(metadata?.declared.provisioning).toMatchObject({ file: iso, fqdn: 'web.example.com' });
    expect(metadata?.declared.interfaces[0]?.address).toBe('10.20.30.41');
    expect(documentOf(context)).toContain(`<source file='/images/web/${iso}'`);
    expect(context.progress.lines.join('\n')).not.toContain('host keys');
  });

  it('takes the place of the one that came before it', async () => {
    const context = host();
    await reseed(context);
    const [, first] = filesOf(context);
    await reseed(context, web);
    expect(filesOf(context)).toHaveLength(2);
    expect(filesOf(context)).not.toContain(first);
  });

  it('is not made of a file that says nothing to cloud-init, or for a VM that has none', async () => {
    const bare = minimalMachine({ name: 'web' });
    await expect(reseed(host(), bare)).rejects.toThrow('its file says nothing to cloud-init');
    await expect(reseed(host(bare))).rejects.toThrow('it was made without a seed of cloud-init');
  });

  it.each(['defineDomain', 'Pool.createVolume', 'Volume.upload'])(
    'leaves the VM as it was where %s fails',
    async (failing) => {
      const context = host();
      const before = { document: documentOf(context), files: filesOf(context) };
      let failed = false;
      context.hypervisor.fault = (call) => {
        if (failed || !call.endsWith(failing)) return undefined;
        failed = true;
        return 'other';
      };
      const result = await reseed(context).catch((error: unknown) => String(error));
      expect(failed).toBe(true);
      expect(result).toContain('cannot');
      expect({ document: documentOf(context), files: filesOf(context) }).toEqual(before);
    },
  );
});
