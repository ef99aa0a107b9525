import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

/** A VM that differs from `web` in all that must differ. */
function other(changes: object = {}): object {
  const network_interfaces = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
  return vm({ name: 'db', network_interfaces, ...changes });
}

describe('plow validate --on-host', () => {
  it('finds a wrong bridge and a missing image, each in its file, and makes nothing', async () => {
    const interfaces = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br9' }];
    const files = [
      await host().write(vm(), 'a.yaml'),
      await host().write(other({ network_interfaces: interfaces }), 'b.yaml'),
      await host().write(
        other({
          name: 'mail',
          network_interfaces: [{ ip: '10.77.0.52/24', gateway: '10.77.0.1', bridge: 'br0' }],
          boot_disk: { image: `${IMAGES}/tinny.qcow2`, size_gb: 1 },
        }),
        'c.yaml',
      ),
    ];
    const { code, stdout, stderr } = await host().plow(['validate', '--on-host', ...files]);
    expect(stderr.replaceAll(`${host().files}/`, ''))
      .toBe(`error: b.yaml:10:13: network_interfaces[0].bridge: bridge 'br9' does not exist on the hypervisor; did you mean 'br0'? (there: br0, br1)
  10 |     bridge: br9
     |             ^~~
error: c.yaml:5:10: boot_disk.image: ${IMAGES}/tinny.qcow2 does not exist on the hypervisor (there: tiny.qcow2, tiny.raw)
   5 |   image: ${IMAGES}/tinny.qcow2
     |          ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
3 files: 1 valid, 2 with mistakes; 1 check was not made (who answers at the addresses)
`);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('says nothing of files that a create would take', async () => {
    const files = [await host().write(vm(), 'a.yaml'), await host().write(other(), 'b.yaml')];
    const told = await host().plow(['validate', '--on-host', ...files]);
    expect(told).toEqual({ code: 0, stdout: '', stderr: '2 files: 2 valid\n' });
  });

  it('asks about 21 files what it asks about one', async () => {
    const files: string[] = [];
    for (let index = 0; index < 21; index += 1) {
      const network_interfaces = [{ ip: `10.77.0.${60 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      files.push(await host().write(vm({ name: `vm${index}`, network_interfaces }), `${index}.yaml`));
    }
    await host().foreignVm('define', { name: 'old' });
    const callsFor = async (count: number): Promise<readonly string[]> => {
      const { code, stderr } = await host().plow([
        '--verbose',
        'validate',
        '--on-host',
        ...files.slice(0, count),
      ]);
      expect(code).toBe(0);
      return [...stderr.matchAll(/^libvirt: [\d:.]+ (\w+) /gmu)].map(([, call = '']) => call);
    };
    const [one, all] = [await callsFor(1), await callsFor(21)];
    expect(one.length).toBeGreaterThan(10);
    // Once more a pool is lent: for all names in the storage path.
    expect(all.length - one.length).toBeLessThan(12);
    expect(all.filter((call) => call === 'virDomainGetXMLDesc')).toHaveLength(1);
    await host().virsh('undefine old');
  });

  it('finds a name and an address that a VM has', async () => {
    await host().given(vm());
    const file = await host().write(other({ name: 'web' }), 'a.yaml');
    const again = await host().write(vm({ name: 'mail' }), 'b.yaml');
    const { code, stdout } = await host().plow(['validate', '--on-host', '-o', 'json', file, again]);
    expect(code).toBe(2);
    const { mistakes } = JSON.parse(stdout) as { mistakes: { message: string; line: number }[] };
    expect(mistakes).toMatchObject([
      {
        file,
        line: 1,
        key: 'name',
        message: "VM 'web' already exists (plow list --all shows it, plow destroy web removes it)",
      },
      { file: again, line: 8, key: 'network_interfaces[0].ip' },
    ]);
    await host().discard('web');
  });

  it('ends with 5 where the storage path alone is at fault', async () => {
    const file = await host().write(vm(), 'a.yaml');
    const told = await host().plow(['validate', '--on-host', '--storage-path', '/no/such', file]);
    expect(told).toMatchObject({ code: 5, stdout: '' });
    expect(told.stderr).toMatch(/^error: the storage path \/no\/such does not exist on the hypervisor: /u);
  });

  it('ends with 3 where there is no libvirtd, and needs none without --on-host', async () => {
    const file = await host().write(vm(), 'a.yaml');
    const env = { PLOW_CONNECT: 'qemu+unix:///system?socket=/no/such' };
    expect(await host().plow(['validate', '--on-host', file], env)).toMatchObject({ code: 3, stdout: '' });
    expect(await host().plow(['validate', file], env)).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('plow validate', () => {
  it('reads a pipe', async () => {
    const { code, stdout, stderr } = await host().plowInShell(
      `"$@" validate <(printf 'name: [') /dev/stdin`,
      { input: 'name: x' },
    );
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: \/dev\/fd\/\d+:1:8: not valid YAML: /u);
    expect(stderr).toContain('2 files: 0 valid, 2 with mistakes\n');
    expect(code).toBe(1);
  });

  it('has its whole document in a pipe', async () => {
    const keys = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, index]));
    const files = await Promise.all(
      Array.from({ length: 40 }, (_, index) => host().write(vm(keys), `f${index}.yaml`)),
    );
    const { stdout } = await host().plow(['validate', '-o', 'json', ...files]);
    expect(stdout.length).toBeGreaterThan(300_000);
    expect(JSON.parse(stdout)).toMatchObject({ files: 40 });
  });
});
