import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, UNSTARTABLE, vm } from './vms.ts';

const host = useHost();

const STARTED = "Creating VM 'web'...\n";
const CHECKED = `${STARTED}✓ Configuration validated\n`;

function onBridge(bridge: string): object {
  return { network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge }] };
}

function onImage(file: string, format = 'qcow2'): object {
  return { boot_disk: { image: file, size_gb: 1, format } };
}

const IMAGE = 'boot_disk.image';
const BRIDGE = 'network_interfaces[0].bridge';

describe('plow create refuses what the hypervisor does not have', () => {
  it.each([
    [
      'no such bridge',
      onBridge('lan'),
      `10:13: ${BRIDGE}: bridge 'lan' does not exist on the hypervisor (there: br0, br1)`,
    ],
    [
      'no bridge',
      onBridge('up0'),
      `10:13: ${BRIDGE}: 'up0' is not a bridge but an interface of type ethernet (there: br0, br1)`,
    ],
    [
      'no such image',
      onImage(`${IMAGES}/tinny.qcow2`),
      `5:10: ${IMAGE}: ${IMAGES}/tinny.qcow2 does not exist on the hypervisor (there: big.qcow2, secret.raw, text.qcow2, tiny.qcow2, tiny.raw)`,
    ],
    [
      'no such directory',
      onImage(`${IMAGES}/no/a.qcow2`),
      `5:10: ${IMAGE}: ${IMAGES}/no/a.qcow2 is not there: the hypervisor has no directory ${IMAGES}/no`,
    ],
    [
      'a directory',
      onImage(`${IMAGES}/dir`),
      `5:10: ${IMAGE}: ${IMAGES}/dir is a directory, not a disk image`,
    ],
    [
      'a text',
      onImage(`${IMAGES}/text.qcow2`),
      `5:10: ${IMAGE}: ${IMAGES}/text.qcow2 is not a disk image: it has no qcow2 header and is not made of whole sectors`,
    ],
    [
      'an image of another kind',
      onImage(`${IMAGES}/a.vmdk`),
      `5:10: ${IMAGE}: ${IMAGES}/a.vmdk is vmdk, and a base image must be qcow2 or raw: qemu-img convert -O qcow2`,
    ],
    [
      'an image that QEMU may not read',
      onImage(`${IMAGES}/secret.raw`),
      `5:10: ${IMAGE}: ${IMAGES}/secret.raw cannot be read by QEMU's user (uid 64055; the file has mode 0000, owner 0, group 0): chmod o+r ${IMAGES}/secret.raw`,
    ],
    [
      'an image that is too large',
      onImage(`${IMAGES}/big.qcow2`),
      '6:12: boot_disk.size_gb: 1 GiB is smaller than the image (1.5 GiB): give at least 2',
    ],
    ['no KVM', { virt_type: 'kvm' }, "12:12: virt_type: this hypervisor cannot run x86_64 guests as 'kvm'"],
    [
      "the host's CPU under emulation",
      { cpu_mode: 'host-passthrough' },
      "13:11: cpu_mode: host-passthrough needs KVM, and this VM runs as 'qemu': use host-model",
    ],
  ])('%s', async (_, changes, diagnostic) => {
    await host().sh(`cd ${IMAGES}; mkdir dir; echo text > text.qcow2; qemu-img create -q -f vmdk a.vmdk 1M
      cp tiny.raw secret.raw; chmod 0 secret.raw; qemu-img create -q -f qcow2 big.qcow2 1536M`);
    const file = await host().write(vm(changes));
    const result = await host().plow(['create', file]);
    expect(result).toEqual({ code: 2, stdout: STARTED, stderr: `error: ${file}:${diagnostic}\n` });
    await host().sh(`cd ${IMAGES}; rm -r dir text.qcow2 a.vmdk secret.raw big.qcow2`);
  });

  it('an image that went away though an old pool still lists it', async () => {
    await host().sh(`cp ${IMAGES}/tiny.qcow2 ${IMAGES}/gone.qcow2`);
    await host().virsh(`pool-create-as others dir --target ${IMAGES}`);
    await host().sh(`rm ${IMAGES}/gone.qcow2`);
    const file = await host().write(vm(onImage(`${IMAGES}/gone.qcow2`)));
    const result = await host().plow(['create', file]);
    expect(result).toEqual({
      code: 2,
      stdout: STARTED,
      stderr: `error: ${file}:5:10: ${IMAGE}: ${IMAGES}/gone.qcow2 does not exist on the hypervisor (there: tiny.qcow2, tiny.raw)\n`,
    });
    await host().virsh('pool-destroy others');
  });

  it('and says all that is wrong at once', async () => {
    const file = await host().write(
      vm({ ...onBridge('br9'), ...onImage(`${IMAGES}/no.raw`), virt_type: 'kvm' }),
    );
    const { code, stderr } = await host().plow(['create', file]);
    expect(code).toBe(2);
    const places = stderr
      .trim()
      .split('\n')
      .map((line) => line.split(': ')[1]);
    expect(places).toEqual([`${file}:13:12`, `${file}:11:13`, `${file}:5:10`]);
  });
});

describe('a create that cannot be done', () => {
  it('refuses a name that is taken, and leaves its owner alone', async () => {
    await host().given(vm());
    const before = await host().census();
    const file = await host().write(vm());
    expect(await host().plow(['create', file])).toEqual({
      code: 2,
      stdout: STARTED,
      stderr: `error: ${file}:1:7: name: VM 'web' already exists (plow list --all shows it, plow destroy web removes it)\n`,
    });
    expect(await host().census()).toEqual(before);
    await host().discard('web');
  });

  it.each([
    [
      '/no/such',
      ' does not exist on the hypervisor: install -d -m 0711 /no/such, or give another with --storage-path',
    ],
    ['/etc/hostname', ' is not a directory: give another with --storage-path'],
  ])('refuses %s as storage path', async (path, problem) => {
    const file = await host().write(vm());
    expect(await host().plow(['--storage-path', path, 'create', file])).toEqual({
      code: 5,
      stdout: STARTED,
      stderr: `error: the storage path ${path}${problem}\n`,
    });
  });

  it.each([
    ['boot.qcow2', 'qcow2'],
    ['boot.raw', 'raw'],
  ])('leaves a file that is there already, which every check tells: %s', async (name, format) => {
    await host().sh(`install -d -m 0710 -g 64055 ${IMAGES}/web; echo mine > ${IMAGES}/web/${name}`);
    const file = await host().write(vm(onImage(`${IMAGES}/tiny.qcow2`, format)));
    const stderr = `error: ${name} already exists in the VM's directory, and plow overwrites nothing: move ${IMAGES}/web/${name} away if it is not needed, or choose another name for the VM\n`;
    expect(await host().plow(['create', file])).toEqual({ code: 5, stdout: STARTED, stderr });
    expect(await host().plow(['create', '--dry-run', file])).toEqual({ code: 5, stdout: '', stderr });
    const validated = await host().plow(['validate', '--on-host', file]);
    expect(validated).toEqual({ code: 5, stdout: '', stderr: `${stderr}1 file: 0 valid, 1 with mistakes\n` });
    expect(await host().sh(`cat ${IMAGES}/web/*`)).toBe('mine');
    await host().sh(`rm -r ${IMAGES}/web`);
  });

  it('leaves the disk of a VM that was renamed, and names that VM', async () => {
    await host().given(vm());
    await host().sh('virsh -q destroy web; virsh -q domrename web other');
    const own = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    const file = await host().write(vm({ network_interfaces: own }));
    const stderr = ['boot.qcow2', 'console.log']
      .map(
        (name) => `error: ${IMAGES}/web/${name} is in use by VM 'other': choose another name for this one\n`,
      )
      .join('');
    expect(await host().plow(['create', file])).toEqual({ code: 5, stdout: STARTED, stderr });
    expect(await host().plow(['create', '--dry-run', file])).toEqual({ code: 5, stdout: '', stderr });
    await host().sh('virsh -q domrename other web');
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes everything back when the VM does not start', async () => {
    const result = await host().create(
      vm({
        ...UNSTARTABLE,
        cloud_init: {},
        data_disks: [{ device: 'vdb', size_gb: 1 }],
        firmware: 'uefi',
      }),
    );
    expect(result).toEqual({
      code: 4,
      stdout: `${CHECKED}✓ Storage created (1 GB boot + 1 GB data)\n✓ Cloud-init ISO generated\n✓ Domain defined\n`,
      stderr: expect.stringMatching(
        /^error: cannot start VM 'web'\ndetail: Cannot set interface MTU on 'vnet\d+': Invalid argument\n$/u,
      ) as unknown,
    });
  });
});
