import { describe, expect, it } from 'vitest';
import { listDocument } from '../../src/documents/list-schema.ts';
import { useHost } from './support.ts';
import { differences } from '../lab/lab.ts';
import { vm } from './vms.ts';

const host = useHost();

const LEAST = { boot_disk: { empty: true, size_gb: 1 }, autostart: false };

async function expiryOf(name: string): Promise<string | null | undefined> {
  const { stdout } = await host().plow(['list', '--all', '-o', 'json']);
  return listDocument.parse(JSON.parse(stdout)).vms.find((one) => one.name === name)?.expires;
}

describe('a VM that expires', () => {
  it('says so in lists, running or not, and lives longer when it is told to', async () => {
    await host().given(vm({ ...LEAST, expires: '7d' }));
    await host().foreignVm('define', { name: 'theirs' });
    const running = await host().plow(['list']);
    expect(running.stdout).toMatch(/EXPIRES\nweb .* in 6d 23h\n$/u);
    await host().virsh('destroy web');
    const all = await host().plow(['list', '--all']);
    expect(all.stdout).toMatch(/EXPIRES\ntheirs .* -\nweb .* in 6d 23h\n$/u);
    expect((await host().plow(['list'])).stdout).not.toContain('EXPIRES');

    const before = await expiryOf('web');
    const plain = await host().census();
    const extended = await host().plow(['extend', '--for', '9d', '--all']);
    expect(extended).toMatchObject({ code: 0 });
    const after = await expiryOf('web');
    expect(Date.parse(after ?? '') - Date.parse(before ?? '')).toBeGreaterThan(2 * 86_400_000 - 1);
    expect((await host().plow(['extend', '--for', '1h', 'web'])).stderr).toContain('expires later anyway');
    expect(await expiryOf('web')).toBe(after);
    expect((await host().plow(['show', 'web'])).stdout).toMatch(/Expires:? +in 8d 23h \(/u);
    expect((await host().plow(['export', 'web'])).stdout).toContain('expires: 7d\n');

    // Whoever writes the rest anew does not take it away.
    expect((await host().plow(['resize', '--vcpus', '2', 'web'])).code).toBe(0);
    expect(await expiryOf('web')).toBe(after);
    expect((await host().plow(['resize', '--vcpus', '1', 'web'])).code).toBe(0);
    expect((await host().plow(['extend', '--for', 'never', 'web'])).code).toBe(0);
    expect(await expiryOf('web')).toBeNull();
    const changes = differences(plain, await host().census());
    expect(changes.filter((line) => !line.endsWith('/etc/libvirt/qemu/web.xml'))).toEqual([]);
    expect((await host().plow(['destroy', '--yes', '--force', '--all'])).code).toBe(0);
  });
});
