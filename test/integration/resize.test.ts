import { beforeAll, describe, expect, it } from 'vitest';
import { resultDocument } from '../../src/documents/result-schema.ts';
import { addBusyboxImage } from '../lab/guest-image.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const GIB = 2 ** 30;
const DATA = { data_disks: [{ device: 'vdb', size_gb: 1 }] };

beforeAll(async () => {
  await addBusyboxImage(host().lab, 'h1');
});

interface Shown {
  readonly vm: { readonly differences: readonly unknown[]; readonly declared: object };
}

async function shown(name: string): Promise<Shown['vm']> {
  const { stdout } = await host().plow(['show', '-o', 'json', name]);
  return (JSON.parse(stdout) as Shown).vm;
}

describe('a VM with Linux that runs', () => {
  it('sees its disk grow, and gets CPUs and memory with its next start', async () => {
    await host().given(vm({ ...DATA, boot_disk: { image: `${IMAGES}/busybox.qcow2`, size_gb: 1 } }));
    const resized = await host().plow(
      'resize web --vcpus 2 --memory 1.5 --disk vdb=3 --disk vda=2'.split(' '),
    );
    expect(resized).toStrictEqual({
      code: 0,
      stdout: "✓ VM 'web' resized: disk vdb of 3 GiB, disk vda of 2 GiB\n",
      stderr: "note: VM 'web' has 2 CPUs, 1.5 GiB of memory from its next start on\n",
    });
    await host().guestSays('web', 'blockdev --getsize64 /dev/vdb', String(3 * GIB));
    const again = await host().plow(['resize', 'web', '--disk', 'vdb=3']);
    expect(again).toMatchObject({
      code: 0,
      stderr: "note: VM 'web' is so already: disk vdb of 3 GiB\n",
    });
    const less = await host().plow(['resize', 'web', '--vcpus', '3', '--disk', 'vdb=2']);
    expect(less.code).toBe(4);
    expect(less.stderr).toContain("error: disk vdb of VM 'web' has 3 GiB: it cannot shrink to 2 GiB\n");
    expect((await host().plow(['restart', '--force', 'web'])).code).toBe(0);
    await host().guestSays('web', 'nproc', '2');
    const { differences, declared } = await shown('web');
    expect(differences).toStrictEqual([]);
    expect(declared).toMatchObject({
      vcpus: 2,
      memory_kib: 1.5 * 2 ** 20,
      boot_disk: { size_gib: 2 },
      data_disks: [{ size_gib: 3 }],
    });
    await host().discard('web');
  });
});

describe('VMs that are off', () => {
  it('grow their own disks, and never a file that another VM stands on', async () => {
    await host().given(vm(DATA));
    await host().virsh('destroy web');
    const disk = `${IMAGES}/web/data-vdb.qcow2`;
    expect((await host().plow(['resize', 'web', '--disk', 'vdb=3'])).code).toBe(0);
    expect(await host().imageInfo(disk)).toMatchObject({ 'virtual-size': 3 * GIB });
    expect((await shown('web')).differences).toStrictEqual([]);

    await host().sh(`qemu-img create -q -f qcow2 -b ${disk} -F qcow2 ${IMAGES}/top.qcow2`);
    const top = `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${IMAGES}/top.qcow2'/><target dev='vda' bus='virtio'/></disk>`;
    await host().foreignVm('define', { name: 'clone', devices: top });
    const refused = await host().plow(['resize', 'web', '--disk', 'vdb=5', '--vcpus', '2']);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toBe(`error: ${disk} cannot be grown: VM 'clone' stands on it\n`);
    expect((await shown('web')).differences).toStrictEqual([]);

    // Of another tool, and outside any directory of a VM.
    const grown = await host().plow([
      'resize',
      '-o',
      'json',
      '--memory',
      '0.125',
      '--disk',
      'vda=4',
      'clone',
    ]);
    expect(resultDocument.parse(JSON.parse(grown.stdout))).toMatchObject({ status: 'resized', error: null });
    expect(await host().imageInfo(`${IMAGES}/top.qcow2`)).toMatchObject({ 'virtual-size': 4 * GIB });
    expect(await host().virsh('dumpxml clone')).not.toContain('plow');
    await host().sh(`virsh -q undefine clone; rm ${IMAGES}/top.qcow2`);
    expect((await host().plow(['destroy', 'web'])).code).toBe(0);
  });
});

describe('a VM of another tool that was started with room', () => {
  it('gets CPUs at once', async () => {
    const xml = `<domain type='qemu'><name>roomy</name><memory unit='MiB'>256</memory>
      <currentMemory unit='MiB'>128</currentMemory><vcpu current='1'>4</vcpu>
      <os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`;
    await host().sh('cat | virsh -q define /dev/stdin; virsh -q start roomy', xml);
    const more = await host().plow(['resize', 'roomy', '--vcpus', '3', '--memory', '0.1875']);
    expect(more).toStrictEqual({
      code: 0,
      stdout: "✓ VM 'roomy' resized: 3 CPUs\n",
      // Its guest has no balloon, and all of its memory until then.
      stderr: "note: VM 'roomy' has 192 MiB of memory from its next start on\n",
    });
    expect(await host().virsh('vcpucount roomy --live --active')).toBe('3');
    const less = await host().plow(['resize', 'roomy', '--vcpus', '2']);
    expect(less.stderr).toBe("note: VM 'roomy' has 2 CPUs from its next start on\n");
    expect(await host().virsh('vcpucount roomy --config --active')).toBe('2');
    await host().sh('virsh -q destroy roomy; virsh -q undefine roomy');
  });
});

describe('a device of a VM with Linux that runs', () => {
  it('comes and goes, and the file of a disk stays', async () => {
    await host().given(vm({ boot_disk: { image: `${IMAGES}/busybox.qcow2`, size_gb: 1 } }));
    const path = `${IMAGES}/web/data-vdb.qcow2`;
    expect((await host().plow(['attach', 'disk', 'web', '--size', '2'])).stdout).toBe(
      `✓ VM 'web' has disk vdb of 2 GiB: ${path}\n`,
    );
    await host().guestSays('web', 'blockdev --getsize64 /dev/vdb', String(2 * GIB));
    expect((await shown('web')).differences).toStrictEqual([]);
    expect(await host().plow(['detach', 'disk', 'web', 'vdb'])).toStrictEqual({
      code: 0,
      stdout: "✓ VM 'web' has no disk vdb any more\n",
      stderr: `note: left: ${path} (the disk's file)\n`,
    });
    expect((await shown('web')).differences).toStrictEqual([]);
    const nic = ['--bridge', 'br1', '--ip', '10.78.0.9/24', '--gateway', '10.78.0.1'];
    expect((await host().plow(['attach', 'nic', 'web', ...nic])).stdout).toBe(
      "✓ VM 'web' has an interface with MAC address be:ef:0a:4e:00:09 on br1\n",
    );
    await host().guestSays('web', 'cat /sys/class/net/eth1/address', 'be:ef:0a:4e:00:09');
    expect((await shown('web')).differences).toStrictEqual([]);
    expect(await host().plow(['detach', 'nic', 'web', '10.78.0.9'])).toStrictEqual({
      code: 0,
      stdout: "✓ VM 'web' has no interface with MAC address be:ef:0a:4e:00:09 any more\n",
      stderr: '',
    });
    expect(await host().virsh('domiflist web')).not.toContain('be:ef:0a:4e:00:09');
    expect((await shown('web')).differences).toStrictEqual([]);
    await host().virsh('destroy web');
    const destroyed = await host().plow(['destroy', 'web']);
    expect(destroyed.stderr).toContain(
      `left: ${path} (no disk of the VM any more: plow detach disk leaves the file)\n`,
    );
    await host().sh(`rm -r ${IMAGES}/web`);
  });
});
