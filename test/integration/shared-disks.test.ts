import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

function onImage(image: string, format: string): object {
  return vm({ boot_disk: { image, size_gb: 1, format } });
}

describe('a base image that is itself an overlay', () => {
  const image = `${IMAGES}/over.qcow2`;
  const makeOverlay = `cd ${IMAGES}; qemu-img create -q -f qcow2 -b ${IMAGES}/tiny.qcow2 -F qcow2 over.qcow2`;

  it('is refused for an overlay, as the VM would not see what lies below', async () => {
    await host().sh(makeOverlay);
    const file = await host().write(onImage(image, 'qcow2'));
    expect(await host().plow(['create', file])).toEqual({
      code: 2,
      stdout: "Creating VM 'web'...\n",
      stderr: `error: ${file}:5:10: boot_disk.image: ${image} is itself an overlay on ${IMAGES}/tiny.qcow2: flatten it (qemu-img convert -O qcow2), or use format: raw\n`,
    });
    await host().sh(`rm ${image}`);
  });

  it('is copied with all that lies below for format: raw', async () => {
    await host().sh(`${makeOverlay}; qemu-io -c 'write -q -P 7 64k 512' over.qcow2
      qemu-img convert -O raw over.qcow2 /run/flat.raw`);
    expect(await host().create(onImage(image, 'raw'))).toEqual({
      code: 0,
      stdout: created('web'),
      stderr: '',
    });
    await host().sh(`! cmp -s -n 1048576 ${IMAGES}/tiny.raw /run/flat.raw
      cmp -n 1048576 ${IMAGES}/web/boot.raw /run/flat.raw; rm /run/flat.raw ${image}`);
    await host().discard('web');
  });
});

describe('a boot disk that another VM stands on', () => {
  it.each([
    ['qcow2', { empty: true, size_gb: 1 }],
    ['raw', { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format: 'raw' }],
  ])('is left and named by destroy, and the other VM still starts: %s', async (format, bootDisk) => {
    const directory = `${IMAGES}/first`;
    const image = `${directory}/boot.${format}`;
    const interfaces = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    await host().given(
      vm({
        name: 'first',
        boot_disk: bootDisk,
        data_disks: [{ device: 'vdb', size_gb: 1 }],
        network_interfaces: interfaces,
        cloud_init: {},
      }),
    );
    await host().sh(`virsh -q destroy first; chmod o+r ${image}`);
    await host().given(onImage(image, 'qcow2'));
    await host().virsh('destroy web');

    const { code, stdout, stderr } = await host().plow(['destroy', 'first']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: destroyed('first', { was: 'off' }) });
    expect(stderr).toContain(`note: left: ${image} (VM 'web' stands on it)\n`);
    expect(stderr).not.toContain('does not name it');
    expect(await host().virsh('list --all --name')).toBe('web');
    expect(await host().sh(`ls -A ${directory}`)).toBe(`boot.${format}`);
    await host().virsh('start web');
    expect(await host().virsh('domstate web')).toBe('running');
    await host().discard('web');
    await host().sh(`rm -r ${directory}`);
  });
});
