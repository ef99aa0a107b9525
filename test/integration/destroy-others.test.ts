import { afterEach, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { destroyed, foreign, IMAGES, vm } from './vms.ts';

const host = useHost();

const DIRECTORY = `${IMAGES}/web`;
const DISK = `${DIRECTORY}/boot.qcow2`;
const NVRAM = '/var/lib/libvirt/qemu/nvram';
const GONE = { code: 0, stdout: destroyed('web', { was: 'off', storage: 'left' }) };
const stands = (path: string): string => `note: left: ${path} (VM 'other' stands on it)\n`;

function disk(source: string, attributes = "type='file'", inside = ''): string {
  return `<disk ${attributes} device='disk'><driver name='qemu' type='qcow2'/>
    <source ${source}/>${inside}<target dev='vda' bus='virtio'/></disk>`;
}

/** A VM that is off and has a disk that can be anyone's. */
async function givenWeb(): Promise<void> {
  await host().given(vm({ boot_disk: { empty: true, size_gb: 1 } }));
  await host().virsh('destroy web');
  await host().sh(`chmod o+r ${DISK}`);
}

async function destroyWeb(): Promise<{ code: number; stdout: string; stderr: string }> {
  return host().plow(['destroy', 'web']);
}

/** What destroy says, and what is there after it. */
async function destroyAndLook(): Promise<object> {
  const said = await destroyWeb();
  return { ...said, there: await host().sh(`ls -A ${DIRECTORY}`) };
}

/** The same libvirtd over another path to its socket: plow must not take it for that of this machine. */
const ELSEWHERE = 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock';

const kept = (stderr: string): object => ({ ...GONE, stderr, there: 'boot.qcow2' });

afterEach(async () => {
  await host().sh(`for vm in $(virsh list --name); do virsh -q destroy $vm; done
    for vm in $(virsh list --all --name); do virsh -q undefine $vm --nvram; done
    virsh -q pool-destroy others 2> /dev/null || true
    umount ${IMAGES}/alias 2> /dev/null || true
    rm -rf ${DIRECTORY} ${IMAGES}/over.qcow2 ${IMAGES}/alias`);
});

describe('a file that another VM uses is left and named', () => {
  it.each([
    ['under another spelling', `file='${IMAGES}//./web/boot.qcow2'`],
    ['through a link', `file='${IMAGES}/alias/boot.qcow2'`],
  ])('%s', async (_, source) => {
    await givenWeb();
    await host().sh(`ln -s web ${IMAGES}/alias`);
    await host().foreignVm('define', { name: 'other', devices: disk(source) });
    expect(await destroyAndLook()).toEqual(kept(stands(DISK)));
  });

  it('through a bind mount, and a hard link in it', async () => {
    await givenWeb();
    await host().sh(`mkdir ${IMAGES}/alias; mount --bind ${DIRECTORY} ${IMAGES}/alias
      ln ${DISK} ${DIRECTORY}/base.qcow2
      qemu-img create -q -f qcow2 -b ${IMAGES}/alias/base.qcow2 -F qcow2 ${IMAGES}/over.qcow2`);
    await host().foreignVm('define', { name: 'other', devices: disk(`file='${IMAGES}/over.qcow2'`) });
    const spared = `note: left: ${DIRECTORY}/base.qcow2 (not made by plow, and not a disk of the VM)\n`;
    expect(await destroyWeb()).toEqual({ ...GONE, stderr: stands(DISK) + spared });
    expect(await host().sh(`ls -A ${DIRECTORY}`)).toBe('base.qcow2\nboot.qcow2');
  });

  it.each([
    ['on this machine', []],
    ['of another one', ['--connect', ELSEWHERE]],
  ])('in a directory that is mounted a second time, %s', async (_, options) => {
    await givenWeb();
    await host().sh(`mkdir ${IMAGES}/alias; mount --bind ${DIRECTORY} ${IMAGES}/alias`);
    await host().foreignVm('define', { name: 'other', devices: disk(`file='${IMAGES}/alias/boot.qcow2'`) });
    const said = await host().plow(['destroy', 'web', ...options]);
    expect(said).toEqual({ ...GONE, stderr: stands(DISK) });
  });

  it('as a volume of a pool', async () => {
    await givenWeb();
    await host().virsh(`pool-create-as others dir --target ${DIRECTORY}`);
    await host().foreignVm('define', {
      name: 'other',
      devices: disk("pool='others' volume='boot.qcow2'", "type='volume'"),
    });
    expect(await destroyAndLook()).toEqual(
      kept(`${stands(DISK)}note: left: ${DIRECTORY} (the pool 'others' on it is not plow's)\n`),
    );
  });

  it('as a disk that was plugged in while it runs', async () => {
    await givenWeb();
    await host().given(
      vm({
        name: 'other',
        network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
      }),
    );
    await host().virsh(
      `attach-disk other ${DISK} vdb --targetbus virtio --driver qemu --subdriver qcow2 --live`,
    );
    expect(await destroyAndLook()).toEqual(kept(stands(DISK)));
    await host().discard('other');
  });

  const OVERLAY = `qemu-img create -q -f qcow2 -b ${DISK} -F qcow2 ${IMAGES}/over.qcow2`;

  it.each(['--paused', 'off'])('as what its own disk stands on, as only the disk says: %s', async (state) => {
    await givenWeb();
    await host().sh(OVERLAY);
    await host().foreignVm('define', { name: 'other', devices: disk(`file='${IMAGES}/over.qcow2'`) });
    if (state === 'off') await host().virsh(`pool-create-as others dir --target ${IMAGES}`);
    else await host().virsh('start other --paused');
    expect(await destroyAndLook()).toEqual(kept(stands(DISK)));
  });
});

describe('NVRAM of another VM is left', () => {
  it.each([
    ['that is off and has not said where it is', `<os firmware='efi'><type machine='q35'>hvm</type></os>`],
    [
      'that says it in full',
      `<os><type machine='q35'>hvm</type><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
        <nvram type='file'><source file='${NVRAM}/other_VARS.fd'/></nvram></os>`,
    ],
  ])('%s', async (_, os) => {
    await host().sh(`mkdir -p ${NVRAM}; cp /usr/share/OVMF/OVMF_VARS_4M.fd ${NVRAM}/other_VARS.fd`);
    const define = (name: string, its: string): Promise<string> =>
      host().sh(
        'cat | virsh -q define /dev/stdin',
        `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory>${its}<features><acpi/></features></domain>`,
      );
    await define('other', os);
    await define(
      'web',
      `<os><type machine='q35'>hvm</type><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
        <nvram>${NVRAM}/other_VARS.fd</nvram></os>`,
    );
    const { code, stderr } = await destroyWeb();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^note: VM 'web' was not .*\nnote: left: .*other_VARS.fd \(.*\)\n$/u,
      ) as string,
    });
    await host().sh(`rm ${NVRAM}/other_VARS.fd`);
  });
});

describe("a directory that is not the VM's own", () => {
  it('loses nothing behind a link, whatever the VM names there', async () => {
    await host().sh(`cd ${IMAGES}; ln -s . web`);
    await host().foreignVm('define', { name: 'web', devices: disk(`file='${DIRECTORY}/tiny.qcow2'`) });
    expect(await destroyWeb()).toEqual({
      ...GONE,
      stderr: `${foreign('web')}note: left: ${DIRECTORY} (a link, not a directory of its own: nothing behind it was touched)\n`,
    });
    await host().sh(`test -f ${IMAGES}/tiny.qcow2`);
  });

  it('is told from it where somebody has edited the metadata', async () => {
    await givenWeb();
    await host().sh(`truncate -s 1M ${IMAGES}/boot.qcow2
      virsh dumpxml web --inactive | sed 's,directory="[^"]*",directory="${IMAGES}",' | virsh -q define /dev/stdin`);
    expect(await destroyWeb()).toEqual({ code: 0, stdout: destroyed('web', { was: 'off' }), stderr: '' });
    await host().sh(`rm ${IMAGES}/boot.qcow2`);
  });

  it("is libvirt's directory of images, also for a VM called so", async () => {
    await host().foreignVm('define', { name: 'images', devices: disk(`file='${IMAGES}/tiny.qcow2'`) });
    const { code, stderr } = await host().plow(['--storage-path', '/var/lib/libvirt', 'destroy', 'images']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(
        `note: left: ${IMAGES}/tiny.qcow2 (others have files in ${IMAGES} too)\n`,
      ) as string,
    });
  });
});
