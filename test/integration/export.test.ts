import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMachineFile } from '../unit/config/read-machine.ts';
import type { Machine } from '../../src/config/machine.ts';
import { asDeclared } from '../../src/config/settle.ts';
import type { Census } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { destroyed, foreign, IMAGES, vm, withoutHostKeys } from './vms.ts';

const host = useHost();

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation';
const HASH = `$6$salt$${'x'.repeat(86)}`;

/** The machine that a file describes to plow, with what goes without saying. */
async function machineOf(file: string): Promise<Machine> {
  const { machine } = await readMachineFile(file, { virtType: undefined });
  return asDeclared(machine, { arch: 'x86_64', virtType: 'qemu' });
}

/** The example that the lab cannot make as it is: without KVM there is no host-passthrough. */
async function withoutPassthrough(): Promise<string> {
  const text = await readFile(join(EXAMPLES, 'multi-disk-vm.yaml'), 'utf8');
  const file = join(host().files, 'multi-disk-vm.yaml');
  await writeFile(file, text.replace(/^cpu_mode: .*$/mu, ''));
  return file;
}

/** Files of a folder for exports, which goes away with the test. */
async function folderOf<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(host().files, 'vms');
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The domain as it is stored, without what differs between two VMs that are alike. */
async function comparableXml(name: string): Promise<string> {
  const xml = await host().virsh(`dumpxml --inactive ${name}`);
  return xml
    .replace(/<metadata>[\s\S]*<\/metadata>/u, '')
    .replace(/<uuid>.*<\/uuid>/u, '')
    .replaceAll(/ *<address type='(?:pci|drive|virtio-serial)'.*\n/gu, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted()
    .join('\n');
}

/** Without the sums of NVRAM, which the firmware of a guest that runs writes whenever it likes. */
async function censusWithoutVariables(): Promise<Census> {
  const census = await host().census();
  return { ...census, files: census.files.filter((line) => !/^\d+ .*_VARS\.fd$/u.test(line)) };
}

/** Makes the VM of an example, exports it to a folder and removes it; nothing on the host is another then. */
async function thereAndBack(name: string): Promise<{
  readonly original: Machine;
  readonly machine: Machine;
  readonly text: string;
}> {
  await host().sh(`cp ${IMAGES}/tiny.qcow2 ${IMAGES}/debian-12.qcow2`);
  const example = name === 'multi-disk-vm' ? await withoutPassthrough() : join(EXAMPLES, `${name}.yaml`);
  const original = { ...(await machineOf(example)), virtType: 'qemu' as const };
  const made = await host().plow(['create', example], { PLOW_VIRT_TYPE: 'qemu' });
  expect(made.code).toBe(0);
  const before = await censusWithoutVariables();
  const found = await folderOf(async (folder) => {
    const path = join(folder, `${name}.yaml`);
    expect(await host().plow(['export', '-d', folder, name])).toEqual({
      code: 0,
      stdout: `${path}\n`,
      stderr: `made the directory ${folder}\n`,
    });
    return { machine: await machineOf(path), text: await readFile(path, 'utf8') };
  });
  expect(await censusWithoutVariables()).toEqual(before);
  return { original, ...found };
}

async function discardExample(name: string): Promise<void> {
  await host().discard(name);
  await host().sh(`rm ${IMAGES}/debian-12.qcow2`);
}

const COMMENT = /^\s*# (?!exported)/mu;

describe('plow export of what plow create made', () => {
  it.each([
    'app-vm',
    'empty-disk-vm',
    'metal3-vm',
    'multi-disk-vm',
    'multi-nic-vm',
    'no-cloudinit-vm',
    'simple-vm',
  ])('gives %s back', async (name) => {
    const { original, machine, text } = await thereAndBack(name);
    expect(machine).toEqual(original);
    expect(text).not.toMatch(COMMENT);
    await discardExample(name);
  });

  it('gives a VM with a user-data document of its own back, the document as it is in the seed', async () => {
    const name = 'own-user-data-vm';
    const { original, machine, text } = await thereAndBack(name);
    const userData = await host().sh(`isoinfo -J -i ${IMAGES}/${name}/cloudinit.iso -x /user-data`);
    expect(machine.provisioning?.userData?.trim()).toBe(withoutHostKeys(userData));
    expect({ ...machine, provisioning: undefined }).toEqual({ ...original, provisioning: undefined });
    expect(text).not.toMatch(COMMENT);
    await discardExample(name);
  });

  it('writes the password hash where it is asked for only, and says what was changed since', async () => {
    await host().given(vm({ cloud_init: { ssh_keys: [KEY], root_password_hash: HASH } }));
    await host().virsh('setvcpus web 3 --config --maximum');
    await host().virsh('setvcpus web 3 --config');
    const hidden = await host().plow(['export', 'web']);
    expect(hidden).toMatchObject({ code: 0, stderr: '' });
    expect(hidden.stdout).not.toContain('xxx');
    expect(hidden.stdout).toContain(
      '# root_password_hash: there is one in the seed; --show-secrets writes it\n',
    );
    expect(hidden.stdout).toContain('# it was 1 when plow made the VM\nvcpus: 3\n');
    const shown = await host().plow(['export', '--show-secrets', 'web']);
    expect(shown.stdout).toContain(`  root_password_hash: ${HASH}\n`);
    await host().discard('web');
  });
});

/** What Ansible has left in `/var/lib/libvirt/images/<name>/`. */
interface Old {
  readonly networkConfig: string;
  readonly cdrom?: string;
}

const VERSION_2 = `version: 2
ethernets:
  eth0:
    match:
      macaddress: "be:ef:0a:4d:00:46"
    addresses: [10.77.0.70/24]
    routes:
      - to: default
        via: 10.77.0.1
    nameservers:
      addresses: [8.8.8.8, 1.1.1.1]
`;

const VERSION_1 = `version: 1
config:
  - type: physical
    name: eth0
    mac_address: "be:ef:0a:4d:00:46"
    subnets:
      - type: static
        address: 10.77.0.70/24
        gateway: 10.77.0.1
        dns_nameservers: [8.8.8.8, 1.1.1.1]
`;

const USER_DATA = `#cloud-config
hostname: old
fqdn: old.example.com
users:
  - name: root
    ssh_authorized_keys:
      - ${KEY}
chpasswd:
  list: |
    root:${HASH}
  expire: false
ssh_pwauth: false
`;

/** By hand, with genisoimage and virsh. */
async function makeOld({ networkConfig, cdrom = 'sata' }: Old): Promise<void> {
  const directory = `${IMAGES}/old`;
  const seed = join(host().files, 'seed');
  await host().sh(`mkdir -p ${seed} ${directory}
    qemu-img create -q -f qcow2 -b ${IMAGES}/tiny.qcow2 -F qcow2 ${directory}/boot.qcow2 2G
    qemu-img create -q -f qcow2 ${directory}/data-vdb.qcow2 1G`);
  await writeFile(join(seed, 'user-data'), USER_DATA);
  await writeFile(join(seed, 'meta-data'), 'instance-id: old-1730534400\nlocal-hostname: old\n');
  await writeFile(join(seed, 'network-config'), networkConfig);
  await host().sh(`cd ${seed}
    genisoimage -quiet -output ${directory}/cloudinit.iso -volid cidata -joliet -rock user-data meta-data network-config`);
  const disk = (file: string, target: string): string => `<disk type='file' device='disk'>
    <driver name='qemu' type='qcow2' cache='none'/><source file='${directory}/${file}'/><target dev='${target}' bus='virtio'/></disk>`;
  const xml = `<domain type='qemu'>
    <name>old</name><memory unit='GiB'>1</memory><vcpu placement='static'>2</vcpu>
    <os><type arch='x86_64' machine='${cdrom === 'ide' ? 'pc' : 'q35'}'>hvm</type><boot dev='hd'/></os>
    <features><acpi/><apic/></features><cpu mode='host-model'/><clock offset='utc'/>
    <devices>
      ${disk('boot.qcow2', 'vda')}${disk('data-vdb.qcow2', 'vdb')}
      <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${directory}/cloudinit.iso'/>
        <target dev='${cdrom === 'ide' ? 'hda' : 'sda'}' bus='${cdrom}'/><readonly/></disk>
      <interface type='bridge'><mac address='be:ef:0a:4d:00:46'/><source bridge='br0'/><model type='virtio'/></interface>
      <serial type='pty'><target type='isa-serial' port='0'/></serial>
      <console type='pty'><target type='serial' port='0'/></console>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    </devices></domain>`;
  await host().sh('cat | virsh --quiet define /dev/stdin; virsh --quiet autostart old', xml);
}

const OLD_FILE = `
name: old
vcpus: 2
memory_gib: 1

boot_disk:
  size_gb: 2
  image: ${IMAGES}/tiny.qcow2

data_disks:
  - device: vdb
    size_gb: 1

network_interfaces:
  - ip: 10.77.0.70/24
    gateway: 10.77.0.1
    bridge: br0
    dns_servers: [8.8.8.8, 1.1.1.1]

cloud_init:
  fqdn: old.example.com
  ssh_keys:
    - ${KEY}
  root_password_hash: ${HASH}
  bus: sata

firmware: bios
virt_type: qemu
`;

const discardOld = (): Promise<string> => host().sh(`virsh -q undefine old; rm -r ${IMAGES}/old`);

describe('plow export of a VM made by hand', () => {
  it.each([
    ['1', VERSION_1],
    ['2', VERSION_2],
  ])(
    'with network-config version %s gives a file from which plow makes the same',
    async (_, networkConfig) => {
      await makeOld({ networkConfig });
      const before = await host().census();
      const { code, stdout, stderr } = await host().plow(['export', '--show-secrets', 'old']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^# exported from domain 'old' on qemu:\/\/\/system, \d{4}-\d\d-\d\d\n/u);
      expect(stdout.replace(/^#.*\n/u, '')).toBe(OLD_FILE);
      expect(await host().census()).toEqual(before);

      const original = await comparableXml('old');
      await discardOld();
      const file = join(host().files, 'old.yaml');
      await writeFile(file, stdout);
      expect(await host().plow(['create', file])).toMatchObject({ code: 0, stderr: '' });
      // plow writes the backing chain out, keeps the image's owner, and keeps the console.
      const chain = /<backingStore[\s\S]*<\/backingStore>/u;
      const plain = (xml: string): string => xml.replace(chain, '').replaceAll(/<log .*\/>/gu, '');
      const made = await host().virsh('dumpxml --inactive old');
      await host().virsh('destroy old');
      await writeFile(
        join(host().files, 'plain.xml'),
        plain(made).replace(/<metadata>[\s\S]*<\/metadata>/u, ''),
      );
      await host().virsh(`define ${join(host().files, 'plain.xml')}`);
      await host().sh(`rm ${IMAGES}/old/console.log`);
      expect(await comparableXml('old')).toBe(original);
      expect(await host().plow(['destroy', 'old'])).toEqual({
        code: 0,
        stdout: destroyed('old', { was: 'off' }),
        stderr: foreign('old'),
      });
    },
  );

  it('on older hardware says that its seed is on IDE', async () => {
    await makeOld({ networkConfig: VERSION_2, cdrom: 'ide' });
    const { stdout } = await host().plow(['export', 'old']);
    expect(stdout).toContain('# bus: the seed is on ide, which plow has not\n');
    expect(stdout).toContain('\nmachine: pc\n');
    await discardOld();
  });

  it('is adopted, which changes nothing but its metadata, then listed and destroyed', async () => {
    await makeOld({ networkConfig: VERSION_2 });
    await host().virsh('start --paused old');
    const before = await host().census();
    const [stored, live] = [await host().virsh('dumpxml --inactive old'), await host().virsh('dumpxml old')];
    const adopted = await host().plow(['export', '--adopt', 'old']);
    expect(adopted).toMatchObject({ code: 0, stderr: "VM 'old' is managed by plow from now on\n" });
    const without = async (options: string): Promise<string> =>
      (await host().virsh(`dumpxml ${options} old`)).replace(/\s*<metadata>[\s\S]*<\/metadata>/u, '');
    expect(await without('--inactive')).toBe(stored);
    expect(await without('')).toBe(live);
    const after = await host().census();
    // The definition itself, in which the metadata is.
    const definitions = /\/(?:etc|run)\/libvirt\/qemu\/old\.xml|\d+ \d+ \/etc\/libvirt/u;
    const others = (lines: readonly string[]): readonly string[] =>
      lines.filter((line) => !definitions.test(line));
    expect({ ...after, files: others(after.files) }).toEqual({ ...before, files: others(before.files) });
    expect((await host().plow(['list'])).stdout).toMatch(/^old +paused +2 +1 GiB +10\.77\.0\.70$/mu);
    expect((await host().plow(['export', '--adopt', 'old'])).stderr).toBe("VM 'old' is plow's already\n");
    await host().virsh('destroy old');
    expect(await host().plow(['destroy', 'old'])).toEqual({
      code: 0,
      stdout: destroyed('old', { was: 'off' }),
      stderr: '',
    });
    // libvirt has given the image to QEMU's user, as it does with VMs that are not plow's.
    await host().sh(`chown root:root ${IMAGES}/tiny.qcow2`);
  });

  it('is not adopted where its directory holds files of another VM', async () => {
    await makeOld({ networkConfig: VERSION_2 });
    await host().foreignVm('define', {
      name: 'other',
      devices: `<disk type='file' device='disk'><source file='${IMAGES}/old/other.img'/><target dev='vda' bus='virtio'/></disk>`,
    });
    const { code, stderr } = await host().plow(['export', '--adopt', 'old']);
    expect(code).toBe(2);
    expect(stderr).toBe(`error: VM 'old' cannot be adopted: VM 'other' has ${IMAGES}/old/other.img\n`);
    expect(await host().virsh('dumpxml old')).not.toContain('urn:plow');
    await host().virsh('undefine other');
    await discardOld();
  });
});

describe('plow export --all', () => {
  it('writes a file for each VM into a folder, and tells of one that cannot be exported', async () => {
    await host().given(vm());
    await makeOld({ networkConfig: VERSION_2 });
    await folderOf(async (folder) => {
      const { code, stdout, stderr } = await host().plow(['export', '--all', '-d', folder]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: `made the directory ${folder}\n` });
      expect(stdout).toBe(`${folder}/old.yaml (1 note in it)\n${folder}/web.yaml\n`);
      expect(await readdir(folder)).toEqual(['old.yaml', 'web.yaml']);
      expect(await host().sh(`stat --format=%a ${folder}/*.yaml`)).toBe('600\n600');
      const files = ['old.yaml', 'web.yaml'].map((file) => join(folder, file));
      expect(await host().plow(['validate', ...files])).toMatchObject({ code: 0 });
      expect(await host().plow(['export', '-d', folder, 'web', 'wep'])).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `error: cannot write ${folder}/web.yaml: it is there already\nhint: --force overwrites it\nerror: VM 'wep' does not exist\nhint: did you mean 'web'?\n`,
      });
    });
    await discardOld();
    await host().discard('web');
  });
});
