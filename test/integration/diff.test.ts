import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvJDq1IjRrqUgjXCBaqMVXzsGyjAFFsLHDPdXkBJK2H a@b';

const FULL = {
  vcpus: 1,
  memory_gib: 1,
  autostart: false,
  description: 'a web server',
  tags: ['prod'],
  data_disks: [{ device: 'vdb', size_gb: 1 }],
  cloud_init: { ssh_keys: [KEY], fqdn: 'web.example.com' },
};

interface Line {
  readonly name: string;
  readonly status: string;
  readonly changes: readonly { readonly what: string; readonly verdict: string; readonly cause: string }[];
}

async function diff(...argv: readonly string[]): Promise<{ code: number; lines: readonly Line[] }> {
  const { code, stdout, stderr } = await host().plow(['diff', '-o', 'json', ...argv]);
  if (stderr !== '') throw new Error(stderr);
  return {
    code,
    lines: stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line])),
  };
}

/** `vcpus reboot file`. */
async function changes(config: object): Promise<readonly string[]> {
  const { lines } = await diff(await host().write(config));
  return (lines[0]?.changes ?? []).map(({ what, verdict, cause }) => `${what} ${verdict} ${cause}`);
}

describe('plow diff', () => {
  it('finds nothing where nothing was changed, running or off', async () => {
    await host().given(vm(FULL));
    const file = await host().write(vm(FULL));
    const same = { code: 0, stdout: '', stderr: '1 VM: 1 the same\n' };
    expect(await host().plow(['diff', file])).toStrictEqual(same);
    await host().virsh('destroy web');
    expect(await host().plow(['diff', file])).toStrictEqual(same);
    await host().plow(['destroy', 'web']);
  });

  it('says what it takes, and who changed what', async () => {
    await host().given(vm(FULL));
    const edited = {
      ...FULL,
      vcpus: 2,
      memory_gib: 2,
      autostart: true,
      description: 'two web servers',
      tags: ['prod', 'eu'],
      data_disks: [
        { device: 'vdb', size_gb: 2 },
        { device: 'vdc', size_gb: 1 },
      ],
      boot_disk: { image: `${IMAGES}/tiny.raw`, size_gb: 1 },
      network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', mtu: 1400 }],
      cloud_init: { ...FULL.cloud_init, fqdn: 'web.example.org', timezone: 'Europe/Vienna' },
    };
    expect((await changes(vm(edited))).toSorted()).toStrictEqual([
      'autostart live file',
      'description live file',
      'disk vdb size_bytes live file',
      'disk vdc live file',
      'guest fqdn reseed file',
      'guest timezone reseed file',
      'image rebuild file',
      'interface be:ef:0a:4d:00:32 mtu_bytes reboot file',
      'memory_kib reboot file',
      'tags live file',
      'vcpus reboot file',
    ]);
    await host().virsh('setvcpus web 3 --maximum --config');
    await host().virsh('setvcpus web 3 --config');
    const { stdout } = await host().plow(['diff', await host().write(vm({ ...FULL, vcpus: 2 }))]);
    expect(stdout).toContain('vcpus: 3, the file says 2 (reboot; both were changed; made with 1)');
    expect(await changes(vm(FULL))).toContain('vcpus live vm');
    await host().discard('web');
  });

  it('refuses what would lose data, and names a VM that there is not', async () => {
    await host().given(vm({ ...FULL, data_disks: [{ device: 'vdb', size_gb: 2 }] }));
    expect(await changes(vm({ ...FULL, data_disks: [{ device: 'vdb', size_gb: 1 }] }))).toStrictEqual([
      'disk vdb size_bytes refused file',
    ]);
    expect(await changes(vm({ ...FULL, data_disks: [] }))).toStrictEqual(['disk vdb refused file']);
    const other = vm({
      ...FULL,
      name: 'other',
      network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
    });
    const { code, lines } = await diff(await host().write(other, 'other.yaml'));
    expect({ code, status: lines[0]?.status }).toStrictEqual({ code: 1, status: 'absent' });
    await host().discard('web');
  });

  it('ends with neither 0 nor 1 where a file is wrong', async () => {
    const broken = await host().plow(['diff', `${host().files}/nowhere.yaml`]);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('nowhere.yaml');
    const wrong = await host().plow(['diff', await host().write(vm({ vcpus: 0 }))]);
    expect(wrong.code).toBe(2);
  });
});
