import { afterEach, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';
import { pace } from '../pace.ts';

const host = useHost();

/** A host as Debian sets it up: a pool on the directory of images, started long ago. */
async function givenPool(): Promise<void> {
  await host().virsh(`pool-create-as default dir --target ${IMAGES}`);
}

afterEach(async () => {
  await host().sh(`chmod 711 ${IMAGES}; virsh -q pool-destroy default`);
});

describe('a pool that was started before the directory changed', () => {
  it('does not keep a repair from working', async () => {
    await host().sh(`chmod 700 ${IMAGES}`);
    await givenPool();
    const refused = await host().create(vm());
    expect(refused.code).toBe(2);
    const [, repair = 'no repair'] = /: (chmod o\+x \S+)\n/u.exec(refused.stderr) ?? [];
    await host().sh(repair);
    expect(await host().create(vm())).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    await host().discard('web');
  });

  it('does not hide that QEMU may not pass any more', async () => {
    await givenPool();
    await host().sh(`chmod 700 ${IMAGES}`);
    const { code, stderr } = await host().create(vm());
    expect(code).toBe(2);
    expect(stderr).toContain(`may not pass through ${IMAGES}`);
  });

  it('does not hide an image that came later', async () => {
    await givenPool();
    await host().sh(`cp ${IMAGES}/tiny.qcow2 ${IMAGES}/later.qcow2`);
    const disk = { boot_disk: { image: `${IMAGES}/later.qcow2`, size_gb: 1 } };
    expect(await host().create(vm(disk))).toMatchObject({ code: 0, stderr: '' });
    await host().discard('web');
    await host().sh(`rm ${IMAGES}/later.qcow2`);
  });
});

describe('a guest whose QEMU hangs', () => {
  it('costs the list of VMs nothing', async () => {
    await givenPool();
    await host().given(vm());
    const pid = await host().sh('cat /run/libvirt/qemu/web.pid');
    await host().sh(`kill -STOP ${pid}`);
    const started = performance.now();
    const { code, stdout } = await host().plow(['list']);
    expect(performance.now() - started).toBeLessThan(5000 * pace());
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('web        running') as string,
    });
    await host().sh(`kill -CONT ${pid}`);
    await host().discard('web');
  });
});
