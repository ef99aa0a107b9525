import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const EMULATION = 'note: this hypervisor offers no KVM: the VM runs under emulation, which is much slower\n';
const DIRECTORY = `${IMAGES}/web`;
const NVRAM = '/var/lib/libvirt/qemu/nvram/web_VARS.fd';

/** The value of an XPath expression in the document of the VM, as it will be at the next start. */
async function value(expression: string): Promise<string> {
  const document = await host().virsh('dumpxml web --inactive');
  return host().sh(`xmllint --xpath '${expression}' -`, document);
}

describe('plow create', () => {
  it('makes a VM with a seed, says each step, and keeps its files from others', async () => {
    const made = await host().create(vm({ cloud_init: { fqdn: 'web.example.com' } }));
    expect(made).toEqual({ code: 0, stdout: created('web', { seed: true }), stderr: '' });
    expect(await host().virsh('domstate web')).toBe('running');
    const files = await host().sh(`find ${DIRECTORY} -printf '%y %m %f\\n' | sort`);
    expect(files.split('\n')).toEqual([
      'd 710 web',
      'f 600 boot.qcow2',
      'f 600 cloudinit.iso',
      'f 600 console.log',
    ]);
    expect(await host().virsh('pool-list --all')).toBe('');
    expect(await value('string(//disk[@device="cdrom"]/target/@bus)')).toBe('scsi');
    await host().discard('web');
  });

  it('makes a VM without a seed when there is no cloud_init section', async () => {
    const made = await host().create(vm());
    expect(made).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    expect(await host().sh(`ls ${DIRECTORY}`)).toBe('boot.qcow2\nconsole.log');
    expect(await value('count(//disk[@device="cdrom"])')).toBe('0');
    await host().discard('web');
  });

  it('makes data disks of the sizes that the file says, in GiB', async () => {
    const made = await host().create(
      vm({
        boot_disk: { image: `${IMAGES}/tiny.qcow2`, size_gb: 50 },
        data_disks: [
          { device: 'vdc', size_gb: 200 },
          { device: 'vdb', size_gb: 100 },
        ],
      }),
    );
    expect(made).toEqual({
      code: 0,
      stdout: created('web', { sizes: '50 GB boot + 300 GB data' }),
      stderr: '',
    });
    for (const [file, gib] of [
      ['boot', 50],
      ['data-vdb', 100],
      ['data-vdc', 200],
    ] as const) {
      expect(await host().imageInfo(`${DIRECTORY}/${file}.qcow2`)).toMatchObject({
        format: 'qcow2',
        'virtual-size': gib * 2 ** 30,
      });
    }
    expect(await host().virsh('domblkinfo web vdc | grep Capacity')).toMatch(/ 214748364800$/u);
    await host().discard('web');
  });

  it('gives each interface its bridge and the MAC address that its IP address makes, a /32 too', async () => {
    await host().given(
      vm({
        network_interfaces: [
          { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0' },
          { ip: '10.78.0.255/32', gateway: '10.78.0.1', bridge: 'br1' },
        ],
      }),
    );
    const table = (await host().virsh('domiflist web')).split('\n').map((line) => line.trim().split(/\s+/u));
    expect(table.map(([, type, source, model, mac]) => [type, source, model, mac])).toEqual([
      ['bridge', 'br0', 'virtio', 'be:ef:0a:4d:00:32'],
      ['bridge', 'br1', 'virtio', 'be:ef:0a:4e:00:ff'],
    ]);
    const ports = await host().sh('ls /sys/class/net/br0/brif /sys/class/net/br1/brif | grep -c vnet');
    expect(ports).toBe('2');
    await host().discard('web');
  });

  it('makes the name lower case, in the domain and in its directory', async () => {
    const file = await host().write(vm({ name: 'WEB' }));
    const stderr = `warning: ${file}:1:7: name: the VM is called 'web', in lower case\n`;
    expect(await host().plow(['create', file])).toEqual({ code: 0, stdout: created('web'), stderr });
    expect(await host().virsh('list --name')).toBe('web');
    expect(await host().sh(`ls ${IMAGES}`)).toBe('tiny.qcow2\ntiny.raw\nweb');
    await host().discard('web');
  });

  it.each([
    ['uefi', { firmware: 'uefi' }, 'efi, secure-boot no', NVRAM],
    ['uefi unless the file says otherwise', { firmware: undefined }, 'efi, secure-boot no', NVRAM],
    ['bios', { firmware: 'bios' }, ', secure-boot', ''],
  ])('boots with %s', async (_, changes, firmware, nvram) => {
    await host().given(vm(changes));
    const feature = 'string(//os/firmware/feature[@name="secure-boot"]/@enabled)';
    expect(await value(`concat(//os/@firmware, ", secure-boot ", ${feature})`)).toBe(firmware);
    expect(await host().sh('find /var/lib/libvirt/qemu/nvram -type f')).toBe(nvram);
    await host().discard('web');
  });

  it.each([
    ['is on unless the file says otherwise', undefined, 'enable'],
    ['can be turned off', false, 'disable'],
  ])('autostart %s', async (_, autostart, expected) => {
    await host().given(vm({ autostart }));
    expect(await host().virsh('dominfo web')).toMatch(new RegExp(`^Autostart: +${expected}$`, 'mu'));
    await host().discard('web');
  });

  it.each([
    ['the file', 'qemu', {}, ''],
    ['PLOW_VIRT_TYPE', undefined, { PLOW_VIRT_TYPE: 'qemu' }, ''],
    ['the file against PLOW_VIRT_TYPE', 'qemu', { PLOW_VIRT_TYPE: 'kvm' }, ''],
    ['what the host can do', undefined, {}, EMULATION],
  ])('takes the virtualisation type from %s', async (_, virtType, env, stderr) => {
    const made = await host().create(vm({ virt_type: virtType }), env);
    expect(made).toEqual({ code: 0, stdout: created('web'), stderr });
    expect(await value('string(/domain/@type)')).toBe('qemu');
    await host().discard('web');
  });

  it('writes documents that libvirt itself finds valid, without the password hash', async () => {
    const hash = `$6$canary$${'canary'.repeat(15).slice(0, 86)}`;
    await host().given(
      vm({
        data_disks: [{ device: 'vdb', size_gb: 1 }],
        cloud_init: { fqdn: 'web.example.com', root_password_hash: hash },
      }),
    );
    for (const view of ['dumpxml web', 'dumpxml web --inactive', 'dumpxml web --security-info']) {
      const xml = await host().virsh(view);
      expect(xml).not.toContain('canary');
      const file = join(host().files, 'domain.xml');
      await writeFile(file, xml);
      const verdict = await host().exec(['virt-xml-validate', file, 'domain']);
      expect(verdict).toMatchObject({ code: 0, stderr: `${file} validates\n` });
    }
    const readOnly = await host().virsh('--readonly metadata web urn:plow:domain:1');
    expect(readOnly).toContain('status="ready"');
    expect(readOnly).toContain(`directory="${DIRECTORY}"`);
    expect(readOnly).toContain('"name":"web"');
    expect(readOnly).not.toContain('canary');
    await host().discard('web');
  });
});
