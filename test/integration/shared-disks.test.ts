import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

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
    await host().given(vm());
    // Not by plow, which takes no other VM's disk for an image.
    await host()
      .sh(`virsh -q destroy web; qemu-img rebase -u -b ${image} -F ${format} ${IMAGES}/web/boot.qcow2
      virsh dumpxml --inactive web | sed 's,${IMAGES}/tiny.qcow2,${image},;/<backingStore/,/<source/s,format type=.[a-z0-9]*.,format type="${format}",' | virsh -q define /dev/stdin`);

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
