import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { destroyed, IMAGES, SLOW, vm } from './vms.ts';
import { pace } from '../pace.ts';

const host = useHost();

const DIRECTORY = `${IMAGES}/web`;
const FORCED = 'note: the guest did not shut down within 5 seconds: forced off\n';
const GONE = { code: 0, stdout: destroyed('web'), stderr: '' };

async function destroyTimed(): Promise<{ seconds: number; result: object }> {
  const started = performance.now();
  const result = await host().plow(['destroy', 'web']);
  return { seconds: (performance.now() - started) / 1000, result };
}

describe('plow destroy', () => {
  it('gives a running guest 5 seconds to react to the power button, then forces it off', async () => {
    await host().given(vm());
    const { seconds, result } = await destroyTimed();
    expect(result).toEqual({ ...GONE, stderr: FORCED });
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThan(8 + 2 * pace());
  });

  it.each([
    ['is shut off', 'virsh -q destroy web', 'shut off (destroyed)'],
    ['is paused', 'virsh -q suspend web', 'paused (user)'],
    [
      'crashed',
      'kill -SEGV $(cat /run/libvirt/qemu/web.pid); while [ -e /run/libvirt/qemu/web.pid ]; do sleep 0.02; done',
      'shut off (crashed)',
    ],
    ['is saved', 'virsh -q managedsave web', 'shut off (saved)'],
  ])('does not wait for a guest that %s', async (_, prepare, state) => {
    await host().given(vm());
    await host().sh(prepare);
    expect(await host().virsh('domstate --reason web')).toBe(state);
    const { seconds, result } = await destroyTimed();
    const was = state.startsWith('shut off') ? 'off' : 'running';
    expect(result).toEqual({ ...GONE, stdout: destroyed('web', { was }) });
    expect(seconds).toBeLessThan(5 * pace());
  });

  it("removes a UEFI guest's NVRAM", async () => {
    await host().given(vm({ firmware: 'uefi' }));
    expect(await host().sh('ls /var/lib/libvirt/qemu/nvram')).toBe('web_VARS.fd');
    await host().discard('web');
    expect(await host().sh('ls /var/lib/libvirt/qemu/nvram')).toBe('');
  });

  it('removes snapshots and the saved state with the VM', async () => {
    await host().given(vm({ cloud_init: {} }));
    await host().virsh('snapshot-create-as web first');
    await host().virsh('managedsave web');
    expect(await host().virsh('snapshot-list web --name')).toBe('first');
    expect(await host().plow(['destroy', 'web'])).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off' }),
      stderr: 'note: 1 snapshot went with it\n',
    });
  });

  it('removes a disk that was plugged in after the start', async () => {
    await host().given(vm());
    const file = `${DIRECTORY}/more.qcow2`;
    await host().sh(`qemu-img create -q -f qcow2 ${file} 1M`);
    await host().virsh(`attach-disk web ${file} vdb --subdriver qcow2 --live`);
    await host().virsh('suspend web');
    expect(await host().plow(['destroy', 'web'])).toEqual(GONE);
  });

  it.each([
    ['a file', `echo keep > ${DIRECTORY}/notes.txt`, ['notes.txt']],
    ['a directory', `mkdir ${DIRECTORY}/notes`, ['notes']],
    ['hidden files', `echo keep > ${DIRECTORY}/.a; echo keep > ${DIRECTORY}/b`, ['.a', 'b']],
  ])('leaves and names what it does not know: %s', async (_, prepare, names) => {
    await host().given(vm());
    await host().sh(prepare);
    await host().virsh('destroy web');
    const { code, stdout, stderr } = await host().plow(['destroy', 'web']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: destroyed('web', { was: 'off' }) });
    expect(stderr.trimEnd().split('\n').toSorted()).toEqual(
      names.map((name) => `note: left: ${DIRECTORY}/${name} (not made by plow, and not a disk of the VM)`),
    );
    expect(await host().sh(`ls -A ${DIRECTORY}`)).toBe(names.join('\n'));
    await host().sh(`rm -r ${DIRECTORY}`);
  });

  it('says that a VM does not exist, also one that it has just removed', async () => {
    const missing = {
      code: 4,
      stdout: '',
      stderr: "error: VM 'web' does not exist\nhint: plow list --all shows the VMs there are\n",
    };
    expect(await host().plow(['destroy', 'web'])).toEqual(missing);
    await host().given(vm());
    await host().discard('web');
    expect(await host().plow(['destroy', 'web'])).toEqual(missing);
  });

  it('removes a VM whose directory is gone already', async () => {
    await host().given(vm());
    await host().sh(`virsh -q destroy web; rm -r ${DIRECTORY}`);
    expect(await host().plow(['destroy', 'web'])).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off', storage: 'none' }),
      stderr: `note: ${DIRECTORY} with boot.qcow2 was not there\n`,
    });
  });
});

describe('a create that was killed', () => {
  it.each([
    ['when the name was taken', '/etc/libvirt/qemu/web.xml'],
    ['when the boot disk was there', `${DIRECTORY}/boot.qcow2`],
    ['when some disks were there', `${DIRECTORY}/data-vdc.qcow2`],
  ])('%s shows as incomplete, and destroy removes what there is of it', async (_, sign) => {
    const file = await host().write(vm(SLOW));
    await host().killCreate(file, sign);
    const list = await host().plow(['list', '--all']);
    expect(list.stdout.split('\n')[1]).toBe('web        incomplete  1      1 GiB   -');
    const { code, stdout, stderr } = await host().plow(['destroy', 'web']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(
      [true, false].map((some) => destroyed('web', { was: 'off', storage: some ? 'removed' : 'none' })),
    ).toContain(stdout);
  });
});
