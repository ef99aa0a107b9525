import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const DIRECTORY = `${IMAGES}/web`;

describe('the boot disk', () => {
  it('is an empty disk with empty: true', async () => {
    const made = await host().create(vm({ boot_disk: { empty: true, size_gb: 2 } }));
    expect(made).toEqual({ code: 0, stdout: created('web', { sizes: '2 GB boot' }), stderr: '' });
    const info = await host().imageInfo(`${DIRECTORY}/boot.qcow2`);
    expect(info).toMatchObject({ format: 'qcow2', 'virtual-size': 2 * 2 ** 30 });
    expect(info).not.toHaveProperty('backing-filename');
    await host().discard('web');
  });

  it.each([
    ['qcow2', 'tiny.qcow2'],
    ['raw', 'tiny.raw'],
  ])('is an overlay on a %s image, which it names with its format', async (format, image) => {
    await host().given(vm({ boot_disk: { image: `${IMAGES}/${image}`, size_gb: 3 } }));
    expect(await host().imageInfo(`${DIRECTORY}/boot.qcow2`)).toMatchObject({
      format: 'qcow2',
      'virtual-size': 3 * 2 ** 30,
      'backing-filename': `${IMAGES}/${image}`,
      'backing-filename-format': format,
    });
    await host().discard('web');
  });

  it.each(['tiny.qcow2', 'tiny.raw'])(
    'is with format: raw a full copy of %s that takes no more room',
    async (image) => {
      const made = await host().create(
        vm({ boot_disk: { image: `${IMAGES}/${image}`, size_gb: 2, format: 'raw' } }),
      );
      expect(made).toEqual({ code: 0, stdout: created('web', { sizes: '2 GB boot' }), stderr: '' });
      const file = `${DIRECTORY}/boot.raw`;
      const [mode, size, kibibytes] = (await host().sh(`stat -c '%a %s' ${file}; du -k ${file}`)).split(
        /\s+/u,
      );
      expect([mode, size]).toEqual(['600', String(2 * 2 ** 30)]);
      expect(Number(kibibytes)).toBeLessThanOrEqual(1024);
      expect(await host().imageInfo(file)).toMatchObject({ format: 'raw' });
      await host().sh(`cmp -n 1048576 ${file} ${IMAGES}/tiny.raw`);
      await host().discard('web');
    },
  );

  it('is an empty raw file with empty: true and format: raw', async () => {
    await host().given(vm({ boot_disk: { empty: true, size_gb: 2, format: 'raw' } }));
    expect(await host().sh(`stat -c '%a %s' ${DIRECTORY}/boot.raw`)).toBe(`600 ${2 * 2 ** 30}`);
    expect(Number(await host().sh(`du -k ${DIRECTORY}/boot.raw | cut -f 1`))).toBeLessThan(64);
    await host().discard('web');
  });
});

describe('the base image', () => {
  it('stays as it was to the last byte, its owner and mode too, though a VM ran on it', async () => {
    const look = `stat -c '%i %a %u:%g %s %Y %n' ${IMAGES}/tiny.*; sha256sum ${IMAGES}/tiny.*`;
    const before = await host().sh(look);
    await host().given(vm());
    expect(await host().sh(look)).toBe(before);
    await host().discard('web');
    expect(await host().sh(look)).toBe(before);
  });
});

describe('a pool that was there before', () => {
  it.each([
    ['active, on the images directory', IMAGES, 'pool-start others', 'active'],
    ['stopped, on the images directory', IMAGES, 'uri', 'inactive'],
    ["active, on the VM's own directory", DIRECTORY, 'pool-start others', 'active'],
  ])('is used and left as it was: %s', async (_, path, prepare, active) => {
    await host().sh(`[ -d ${path} ] || install -d -m 0710 -g 64055 ${path}`);
    await host().virsh(`pool-define-as others dir --target ${path}`);
    await host().virsh(prepare);
    expect(await host().create(vm())).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    expect((await host().virsh('pool-list --all')).split(/ +/u)).toEqual(['others', active, 'no']);
    await host().virsh('destroy web');
    const gone = await host().plow(['destroy', 'web']);
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.stderr).toBe(
      path === DIRECTORY ? `note: left: ${DIRECTORY} (the pool 'others' on it is not plow's)\n` : '',
    );
    await host().sh(
      `virsh -q pool-destroy others || true; virsh -q pool-undefine others; rm -rf ${DIRECTORY}`,
    );
  });
});
