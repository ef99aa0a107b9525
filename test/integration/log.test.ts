import { describe, expect, it } from 'vitest';
import { destroyed, IMAGES, vm } from './vms.ts';
import { useHost } from './support.ts';

const host = useHost();
const LOG = `${IMAGES}/web/console.log`;

/** Waits until the guest has written. */
function written(times: number): Promise<string> {
  return host().sh(`until [ "$(grep -c 'tiny guest' ${LOG})" = ${times} ]; do sleep 0.05; done`);
}

describe('the serial console', () => {
  it('is kept over starts, for root alone, read from elsewhere, and goes with the VM', async () => {
    await host().given(vm());
    await written(1);
    expect(await host().sh(`stat -c '%a %U' ${LOG}`)).toBe('600 root');
    expect(await host().plow(['log', 'web'])).toEqual({ code: 0, stdout: 'tiny guest\n', stderr: '' });
    await host().plow(['restart', '--force', 'web']);
    await written(2);
    expect((await host().plow(['logs', 'web'])).stdout).toBe('tiny guest\n'.repeat(2));
    expect((await host().plow(['log', 'web', '-n', '1', '-o', 'json'])).stdout).toBe(
      '{"version":1,"name":"web","boot":1,"time":null,"line":"tiny guest"}\n',
    );
    expect(await host().plow(['log', 'web', '--boot', '2'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("there is no boot 2 in the console log of VM 'web'") as unknown,
    });

    // As virtlogd leaves it.
    await host().sh(`echo older > ${LOG}.1; echo old > ${LOG}.0`);
    expect((await host().plow(['log', 'web'])).stdout).toBe(`older\nold\n${'tiny guest\n'.repeat(2)}`);
    const { stdout } = await host().plow(['destroy', 'web']);
    expect(stdout).toBe(destroyed('web'));
    expect(await host().sh(`ls ${IMAGES}`)).not.toContain('web');
  });

  it('is followed until the VM is off, also where the log is begun anew', async () => {
    await host().given(vm());
    await written(1);
    const following = host().plow(['log', 'web', '--follow']);
    await host().sh(`mv ${LOG} ${LOG}.0; echo a >> ${LOG}.0; echo b > ${LOG}`);
    await host().plow(['stop', '--force', 'web']);
    expect(await following).toEqual({
      code: 0,
      stdout: 'tiny guest\na\nb\n',
      stderr: "note: VM 'web' is not running\n",
    });
    expect((await host().plow(['destroy', 'web'])).code).toBe(0);
  });

  it('of a VM that keeps none is told what turns it on', async () => {
    await host().foreignVm('define', { name: 'other' });
    const { code, stderr } = await host().plow(['log', 'other']);
    expect(code).toBe(4);
    expect(stderr).toContain('serial');
    await host().virsh('undefine other');
  });

  it('needs virtlogd where the hypervisor says so, and a create without it is told so by name', async () => {
    const conf = '/etc/libvirt/qemu.conf';
    const saying = (handler: string): string =>
      `sed -i 's/^stdio_handler = .*/stdio_handler = "${handler}"/' ${conf}`;
    await host().sh(saying('logd'));
    await host().libvirtd('kill');
    await host().libvirtd('start');
    const refused = await host().create(vm());
    await host().sh(saying('file'));
    await host().libvirtd('kill');
    await host().libvirtd('start');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /^error: cannot start VM 'web': virtlogd is not running there\ndetail: .*\nhint: start it on the hypervisor: sudo systemctl start virtlogd\.socket\n$/u,
    );
  });
});
