import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

const ROUTED = { mode: 'ethernet', ip: '10.55.22.22/32' };
const TAP = 'vm0a371616';
/** As Ansible's role wrote it. */
const DEVICE = `<interface type='ethernet'><mac address='be:ef:0a:37:16:16'/><target dev='${TAP}'/><model type='virtio'/></interface>`;

/** The host forwards, and libvirt has plow's hook; nobody announces anything. */
beforeAll(async () => {
  await host().sh('mkdir -p /etc/plow; echo "prefixes: [10.55.0.0/16]" > /etc/plow/network.yaml');
  const { code, stderr } = await host().plow(['network', 'setup']);
  if (code !== 0) throw new Error(stderr);
});
afterEach(async () => {
  await host().exec(['virsh', '--quiet', 'destroy', 'old']);
  await host().exec(['virsh', '--quiet', 'undefine', 'old']);
});

function on(...interfaces: readonly object[]): object {
  return vm({ network_interfaces: interfaces });
}

describe('an interface of mode ethernet', () => {
  it('is a tap that only its VM has, to which the host has a route', async () => {
    expect(await host().create(on(ROUTED))).toMatchObject({ code: 0, stdout: created('web') });
    expect(await host().sh(`ip -brief link show ${TAP}`)).toMatch(/^vm0a371616 +\S+ +fe:ef:0a:37:16:16/u);
    expect(await host().sh(`ip -4 -brief address show ${TAP}`)).toContain('169.254.0.1 peer 10.55.22.22/32');
    expect(await host().sh('ip route show 10.55.22.22')).toContain(`dev ${TAP} `);
    expect(await host().sh(`bridge link show dev ${TAP}`)).toBe('');
    const list = await host().plow(['list', '--columns', 'name,bridge,declared']);
    expect(list.stdout.split('\n')[1]).toMatch(/^web +routed +10\.55\.22\.22$/u);
    expect((await host().plow(['list', '-o', 'name', '--filter', 'bridge=routed'])).stdout).toBe('web\n');
    const { stdout: shown } = await host().plow(['show', 'web']);
    expect(shown).toMatch(/Mode: +ethernet \(routed\)/u);
    expect(shown).toMatch(new RegExp(`Tap: +${TAP}`, 'u'));
    expect(shown).not.toContain('Differences');
    expect((await host().plow(['destroy', 'web'])).stdout).toBe(destroyed('web'));
    expect((await host().exec(['ip', 'link', 'show', TAP])).code).not.toBe(0);
  });

  it('goes to a VM file and back', async () => {
    await host().given(on({ ...ROUTED, mtu: 1400 }));
    const folder = join(host().files, 'exported');
    expect(await host().plow(['export', '-d', folder, 'web'])).toMatchObject({ code: 0 });
    const file = join(folder, 'web.yaml');
    expect(await readFile(file, 'utf8')).toMatch(
      / {2}- mode: ethernet\n {4}ip: 10.55.22.22\/32\n {4}mtu: 1400\n/u,
    );
    await host().discard('web');
    expect(await host().plow(['create', file])).toMatchObject({ code: 0 });
    await host().discard('web');
  });

  it('is adopted of a VM that Ansible made, runs, and is destroyed', async () => {
    await host().sh(`mkdir ${IMAGES}/old; cd ${IMAGES}/old
      qemu-img create -q -f qcow2 -F qcow2 -b ${IMAGES}/tiny.qcow2 disk_vda.qcow2 1G`);
    const disk = `<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='${IMAGES}/old/disk_vda.qcow2'/>
      <target dev='vda' bus='virtio'/><boot order='1'/></disk>`;
    await host().foreignVm('define', { name: 'old', devices: disk + DEVICE });
    const folder = join(host().files, 'of-ansible');
    expect(await host().plow(['export', '--adopt', '-d', folder, 'old'])).toMatchObject({ code: 0 });
    expect(await host().plow(['validate', join(folder, 'old.yaml')])).toMatchObject({ code: 0 });
    expect(await host().plow(['start', 'old'])).toMatchObject({ code: 0 });
    expect((await host().plow(['list', '--columns', 'name,bridge,declared'])).stdout).toMatch(
      /^old +routed +10\.55\.22\.22$/mu,
    );
    expect(await host().plow(['destroy', 'old'])).toMatchObject({ code: 0 });
    expect(await host().virsh('list --all --name')).toBe('');
    expect((await host().exec(['ip', 'link', 'show', TAP])).code).not.toBe(0);
    await host().sh(`rm -rf ${IMAGES}/old; chown root:root ${IMAGES}/tiny.qcow2`);
  });

  it('of a VM that Ansible made is exported, and its address is in use', async () => {
    await host().foreignVm('define', { name: 'old', devices: DEVICE });
    expect((await host().plow(['export', 'old'])).stdout).toContain(
      '- mode: ethernet\n    ip: 10.55.22.22/32\n',
    );
    const refused = await host().create(on(ROUTED));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("network_interfaces[0].ip: 10.55.22.22 is used by VM 'old'");
  });

  it('cannot have the address of another VM whose MAC address is not made of it', async () => {
    await host().foreignVm('define', {
      name: 'old',
      devices: DEVICE.replace('be:ef:0a:37:16:16', '52:54:00:00:00:07'),
    });
    const refused = await host().create(on(ROUTED));
    expect(refused.stderr).toContain("network_interfaces[0].ip: 10.55.22.22 is used by VM 'old'");
  });

  it('is not plugged into a VM that is there: no hook would hear of it', async () => {
    await host().given(vm());
    const { code, stderr } = await host().plow(['attach', 'nic', 'web', '--ip', '10.55.22.22/32']);
    expect(code).toBe(4);
    expect(stderr).toContain(
      'an interface of mode ethernet cannot be plugged in: libvirt calls no hook then',
    );
    expect(stderr).toContain('plow create --adopt-data');
    await host().discard('web');
  });
});

describe('boot: network', () => {
  it('is tried before the disk, at least as QEMU is told', async () => {
    const first = { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', boot: 'network' };
    await host().given(vm({ network_interfaces: [first, { ...ROUTED, boot: 'network' }] }));
    const command = await host().sh(`tr '\\0' '\\n' < /proc/$(cat /run/libvirt/qemu/web.pid)/cmdline`);
    const orders = [
      ...command.matchAll(/"driver":"(?<driver>virtio-[a-z]+)-pci[^\n]*"bootindex":(?<order>\d)/gu),
    ];
    expect(orders.map(({ groups }) => `${groups?.['driver']} ${groups?.['order']}`).toSorted()).toStrictEqual(
      ['virtio-blk 3', 'virtio-net 1', 'virtio-net 2'],
    );
    const list = await host().plow(['list', '--columns', 'boot']);
    expect(list.stdout).toBe('BOOT\nnetwork,vda\n');
    expect((await host().plow(['export', 'web'])).stdout.match(/boot: network/gu)).toHaveLength(2);
    await host().discard('web');
  });
});

describe('vlan', () => {
  it('is refused before anything is made where libvirt has none', async () => {
    const tagged = { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', vlan: 100 };
    const { code, stderr } = await host().create(on(tagged));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /network_interfaces\[0\]\.vlan: .*(?:11\.0\.0 and later have it|CONFIG_BRIDGE_VLAN_FILTERING|does not filter VLANs)/u,
    );
    expect(await host().virsh('list --all --name')).toBe('');
  });
});
