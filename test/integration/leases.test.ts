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

describe('a VM that was destroyed with an undo window', () => {
  it('is hidden, keeps its name and address, and comes back as it was, or goes for good', async () => {
    await host().given(vm({ ...LEAST, autostart: true }));
    const plain = await host().census();
    const hide = ['destroy', '--undo-within', '24h', '--timeout', '0', 'web'];
    const gone = await host().plow(hide);
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.stdout).toMatch(/is destroyed, until 20.*: plow undelete web brings it back/u);
    expect(await host().virsh('domstate web')).toBe('shut off');
    expect(await host().sh('virsh dominfo web | grep Autostart')).toContain('disable');
    expect((await host().plow(['list'])).stdout).not.toContain('web');
    expect((await host().plow(['list', '--all'])).stdout).toMatch(/web +destroyed, undo ends in 23h/u);
    expect((await host().plow(['start', 'web'])).stderr).toContain('plow undelete web brings it back');
    expect((await host().plow(['start', '--all'])).stderr).toContain('there is no VM');
    const again = await host().create(vm(LEAST));
    expect(again.code).not.toBe(0);
    expect(again.stderr).toContain('plow undelete web');
    expect((await host().plow(hide)).stderr).toContain('is destroyed already');

    expect(await host().plow(['undelete', '--all'])).toMatchObject({ code: 0 });
    expect(await host().virsh('domstate web')).toBe('running');
    const changes = differences(plain, await host().census());
    // A QEMU of its own has files of its own.
    expect(changes.filter((line) => !/\/(?:domain-\d+-web|channel\/\d+-web)\//u.test(line))).toEqual([]);

    expect((await host().plow(hide)).code).toBe(0);
    expect((await host().plow(['destroy', 'web'])).code).toBe(0);
    expect(await host().virsh('list --all --name')).toBe('');
  });
});
