import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { destroyed, foreign, IMAGES, vm } from './vms.ts';

const host = useHost();
const DIRECTORY = `${IMAGES}/web`;
const GONE = { code: 0, stdout: destroyed('web', { was: 'off' }) };
const NOTHING = {
  code: 0,
  stdout: destroyed('web', { was: 'off', storage: 'none' }),
  stderr: foreign('web'),
};
const SNAPSHOT = 'note: 1 snapshot went with it\n';

/** Destroys the VM `web` without asking its guest. */
async function destroyWeb(): Promise<{ code: number; stdout: string; stderr: string }> {
  await host().exec(['virsh', '--quiet', 'destroy', 'web']);
  return host().plow(['destroy', 'web']);
}

describe('plow destroy takes along what libvirt keeps of a VM', () => {
  it.each([
    ['an internal snapshot', 'snapshot-create-as web before', SNAPSHOT],
    ['managed save', 'managedsave web', ''],
    ['a checkpoint', 'checkpoint-create-as web since', ''],
  ])('%s', async (_, command, stderr) => {
    await host().given(vm());
    await host().virsh(command);
    expect(await destroyWeb()).toEqual({ ...GONE, stderr });
  });

  it('the files on both sides of an external snapshot', async () => {
    await host().given(vm());
    const overlay = `${DIRECTORY}/after.qcow2`;
    await host().virsh(`snapshot-create-as web before --disk-only --diskspec vda,file=${overlay}`);
    expect(await host().virsh('domblklist web')).toContain(overlay);
    expect(await destroyWeb()).toEqual({ ...GONE, stderr: SNAPSHOT });
  });

  it('but not the side of an external snapshot that is elsewhere', async () => {
    await host().given(vm());
    const overlay = `${IMAGES}/after.qcow2`;
    await host().virsh(`snapshot-create-as web before --disk-only --diskspec vda,file=${overlay}`);
    expect(await destroyWeb()).toEqual({
      ...GONE,
      stderr: `${SNAPSHOT}note: left: ${overlay} (not in the VM's directory ${DIRECTORY})\n`,
    });
    await host().sh(`rm ${overlay}`);
  });

  it('the state of a TPM', async () => {
    const devices = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;
    await host().foreignVm('define', { name: 'web', devices });
    // Where swtpm keeps it once the VM has started.
    const state = `/var/lib/libvirt/swtpm/$(virsh domuuid web)`;
    await host().sh(`mkdir -p ${state}/tpm2; touch ${state}/tpm2/tpm2-00.permall`);
    expect(await destroyWeb()).toEqual(NOTHING);
    expect(await host().sh('find /var/lib/libvirt/swtpm -mindepth 1')).toBe('');
    await host().sh('rm -r /var/lib/libvirt/swtpm');
  });
});

/** Defines a VM of another tool with UEFI variables in a file of its own. */
async function withNvram(name: string, nvram: string): Promise<void> {
  await host().sh(`mkdir -p $(dirname ${nvram}); cp /usr/share/OVMF/OVMF_VARS_4M.fd ${nvram}`);
  const xml = `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory>
    <features><acpi/></features><os><type arch='x86_64' machine='q35'>hvm</type>
      <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram>${nvram}</nvram></os></domain>`;
  await host().sh('cat | virsh --quiet define /dev/stdin', xml);
}

describe('plow destroy and NVRAM', () => {
  const OWN = '/var/lib/libvirt/qemu/nvram/web_VARS.fd';

  it("removes a VM's own, and sees that it is gone", async () => {
    await host().given(vm({ firmware: 'uefi' }));
    expect(await host().sh(`ls ${OWN}`)).toBe(OWN);
    expect(await destroyWeb()).toEqual({ ...GONE, stderr: '' });
    expect(await host().exec(['ls', OWN])).toMatchObject({ code: 2 });
  });

  it("removes one in the VM's directory", async () => {
    await withNvram('web', `${DIRECTORY}/vars.fd`);
    expect(await destroyWeb()).toEqual({ ...GONE, stderr: foreign('web') });
  });

  it('leaves one elsewhere', async () => {
    await withNvram('web', `${IMAGES}/vars.fd`);
    expect(await destroyWeb()).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off', storage: 'left' }),
      stderr: `${foreign('web')}note: left: ${IMAGES}/vars.fd (not in the VM's directory ${DIRECTORY})\n`,
    });
    await host().sh(`rm ${IMAGES}/vars.fd`);
  });

  it.each([
    // Its firmware would write there meanwhile.
    ['while it runs, paused', 'suspend web'],
    ['while it is shut off', 'destroy web'],
  ])('leaves one that another VM uses, %s', async (_, prepare) => {
    await host().given(vm({ firmware: 'uefi' }));
    await host().virsh(prepare);
    await withNvram('other', '/run/vars.fd');
    await host()
      .sh(`virsh dumpxml other | sed s:/run/vars.fd:${OWN}: > /run/other.xml; virsh -q define /run/other.xml
      rm /run/other.xml /run/vars.fd`);
    const before = await host().sh(`cksum ${OWN}`);
    expect(await destroyWeb()).toEqual({
      ...GONE,
      stderr: `note: left: ${OWN} (VM 'other' uses it)\n`,
    });
    expect(await host().sh(`cksum ${OWN}`)).toBe(before);
    await host().virsh('undefine other --nvram');
  });
});

describe('plow destroy and names', () => {
  it('leaves VMs alone whose names begin alike', async () => {
    const names = ['web', 'web-1', 'web1'];
    for (const [index, name] of names.entries()) {
      const interfaces = [{ ip: `10.77.0.${50 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      await host().given(vm({ name, network_interfaces: interfaces }));
    }
    expect(await destroyWeb()).toEqual({ ...GONE, stderr: '' });
    expect(await host().sh(`cd ${IMAGES}; ls web*/*; virsh domstate web-1; virsh domstate web1`)).toBe(
      'web-1/boot.qcow2\nweb-1/console.log\nweb1/boot.qcow2\nweb1/console.log\nrunning\n\nrunning',
    );
    await host().discard('web-1');
    await host().discard('web1');
  });

  it.each(['.', '..'])('need not fear a VM called %s: libvirt refuses it', async (name) => {
    await expect(host().foreignVm('define', { name })).rejects.toThrow('Failed to define domain');
  });

  it('prints odd ones safely', async () => {
    const name = 'a \u{202e}b\u{1b}[31m\u{e9}';
    const refused = await host()
      .foreignVm('define', { name: name.replace('\u{1b}', '&#x1b;') })
      .then(() => '')
      .catch(String);
    const told = refused === '' ? name : 'a \u{202e}b\u{e9}';
    if (refused !== '') await host().foreignVm('define', { name: told });
    const list = await host().plow(['list', '--all']);
    const destroy = await host().plow(['destroy', told]);
    expect([list.code, destroy.code]).toEqual([0, 0]);
    expect(list.stdout).toContain('a \u{fffd}b');
    const said = list.stdout + destroy.stdout + destroy.stderr;
    expect(['\u{202e}', '\u{1b}'].filter((character) => said.includes(character))).toEqual([]);
  });
});
