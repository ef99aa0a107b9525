import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTinyIso } from '../lab/tiny-iso.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const ISO = `${IMAGES}/iso/one.iso`;
const OTHER = `${IMAGES}/iso/two.iso`;
const SEED = `${IMAGES}/iso/seed.iso`;
const EMPTY = { boot_disk: { empty: true, size_gb: 1 } };

beforeAll(async () => {
  await host().sh(`mkdir -p ${IMAGES}/iso`);
  await makeTinyIso(host(), ISO, 'iso one');
  await makeTinyIso(host(), OTHER, 'iso two');
  await makeTinyIso(host(), SEED, 'seed', 'cidata');
}, 60_000);

afterAll(() => host().sh(`rm -r ${IMAGES}/iso`));

const lookAt = (iso: string): Promise<string> => host().sh(`stat -c '%a %u:%g %i' ${iso}; sha256sum ${iso}`);

/** What the guest has said on its serial port, as soon as that is something. */
async function said(name = 'web'): Promise<string> {
  const log = `${IMAGES}/${name}/console.log`;
  return host().sh(`for i in $(seq 150); do
      words=$(tr -d '\\r' < ${log} | grep -aoE 'iso (one|two)|tiny guest|No bootable device' | head -1); [ -z "$words" ] || break
      sleep 0.2
    done; echo "$words"`);
}

/** The same after its next start. */
async function saidAgain(prepare = ':'): Promise<string> {
  await host().virsh('destroy web');
  await host().sh(`: > ${IMAGES}/web/console.log; ${prepare}`);
  await host().virsh('start web');
  return said();
}

describe('an install medium', () => {
  it('is booted where the disk is empty, keeps its owner, and a VM starts without it', async () => {
    const before = await lookAt(ISO);
    await host().given(vm({ ...EMPTY, cdrom: ISO }));
    expect(await said()).toBe('iso one');
    expect(await lookAt(ISO)).toBe(before);
    // What an installer does.
    const install = `qemu-img convert -n -O qcow2 ${IMAGES}/tiny.raw ${IMAGES}/web/boot.qcow2`;
    expect(await saidAgain(install)).toBe('tiny guest');
    await host().sh(`mv ${ISO} ${ISO}.away`);
    expect(await saidAgain()).toBe('tiny guest');
    const shown = await host().plow(['show', 'web']);
    expect(shown.stdout).toMatch(/Medium: +none in sdb\n/u);
    await host().sh(`mv ${ISO}.away ${ISO}`);
    await host().discard('web');
    expect(await lookAt(ISO)).toBe(before);
  });

  it('is tried where the list has it, and may be in the drives of several VMs', async () => {
    await host().given(vm({ cdrom: { image: ISO, bus: 'sata' }, boot: ['cdrom', 'disk'], machine: 'pc' }));
    expect(await said()).toBe('iso one');
    const network_interfaces = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    await host().given(
      vm({ name: 'db', cdrom: { image: ISO, bus: 'scsi' }, cloud_init: {}, network_interfaces }),
    );
    expect(await said('db')).toBe('tiny guest');
    const removed = await host().plow(['export', 'db']);
    expect(removed.stdout).toContain(`cdrom:\n  image: ${ISO}\n  bus: scsi\n`);
    expect(removed.stdout).not.toContain('Not in this file');
    await host().discard('db');
    await host().discard('web');
  });

  it.each([
    ['/etc/hostname', 'is outside the directories of images'],
    [`${IMAGES}/tiny.raw`, 'is no ISO: it has no ISO 9660 or UDF volume'],
    [`${IMAGES}/tiny.qcow2`, 'begins as a qcow2 image'],
    [SEED, 'is a seed of cloud-init (its volume is called cidata)'],
    [`${IMAGES}/iso/none.iso`, 'does not exist on the hypervisor (there: one.iso, seed.iso, two.iso)'],
  ])('is an ISO: %s is refused before anything is made', async (image, why) => {
    const made = await host().create(vm({ ...EMPTY, cdrom: { image } }));
    expect(made).toMatchObject({ code: 2 });
    expect(made.stderr).toContain('cdrom.image: ');
    expect(made.stderr).toContain(why);
  });

  it('can be read by the user of QEMU', async () => {
    await host().sh(`chmod 0600 ${OTHER}`);
    const made = await host().create(vm({ ...EMPTY, cdrom: OTHER }));
    await host().sh(`chmod 0644 ${OTHER}`);
    expect(made.stderr).toContain(`chmod o+r ${OTHER}`);
  });
});

const drive = (): Promise<string> =>
  host().sh('virsh domblklist web | grep sdb; virsh domblklist --inactive web | grep sdb');

describe('plow media', () => {
  it('takes the ISO out and puts one in, live and stored, and does nothing twice', async () => {
    await host().given(vm({ ...EMPTY, cdrom: ISO }));
    expect(await said()).toBe('iso one');
    const ejected = await host().plow(['media', 'eject', '-o', 'json', 'web']);
    expect(ejected).toMatchObject({ code: 0 });
    expect(JSON.parse(ejected.stdout)).toMatchObject({
      action: 'media eject',
      name: 'web',
      status: 'ejected',
    });
    expect(await drive()).not.toContain('iso');
    expect((await host().plow(['media', 'eject', 'web'])).stderr).toContain(
      'nothing in its drive sdb already',
    );
    const inserted = await host().plow(['media', 'insert', 'web', OTHER]);
    expect(inserted).toMatchObject({ code: 0, stderr: '' });
    expect((await drive()).split(OTHER)).toHaveLength(3);
    // A reset goes on with what is in the drive now.
    await host().sh(`: > ${IMAGES}/web/console.log`);
    await host().virsh('reset web');
    expect(await said()).toBe('iso two');
    expect((await host().plow(['show', 'web'])).stdout).not.toContain('Differences');
    await host().virsh('destroy web');
    await host().plow(['media', 'eject', 'web']);
    expect((await host().plow(['export', 'web'])).stdout).toContain('cdrom: {}');
    // What was in it last.
    expect(await host().plow(['media', 'insert', 'web'])).toMatchObject({ code: 0 });
    expect((await host().plow(['export', 'web'])).stdout).toContain(`cdrom:\n  image: ${OTHER}\n`);
    const refused = await host().plow(['media', 'insert', 'web', SEED]);
    expect(refused.stderr).toContain('is a seed of cloud-init');
    await host().virsh('start web');
    await host().discard('web');
  });

  it('never takes the seed for it, and says how a VM gets a drive', async () => {
    await host().given(vm({ cloud_init: {} }));
    const none = await host().plow(['media', 'eject', 'web']);
    expect(none).toMatchObject({ code: 4 });
    expect(none.stderr).toContain("VM 'web' has no drive for an install medium");
    await host().virsh('destroy web');
    await host().sh('virsh attach-disk web "" sdb --targetbus sata --type cdrom --mode readonly --config');
    expect(await host().plow(['media', 'insert', 'web', ISO])).toMatchObject({ code: 0, stderr: '' });
    expect(await host().virsh('domblklist --inactive web')).toContain('cloudinit.iso');
    await host().virsh('start web');
    await host().discard('web');
  });
});

/** Of the VM `old`, as they run and as they are stored. */
const drives = (): Promise<string> =>
  host().sh('for view in "" --inactive; do virsh dumpxml $view old | sed -n "/<disk/,/<.disk>/p"; done');

/** Without what is libvirt's, or the medium's. */
function plain(text: string): string {
  return text.replaceAll(/ index='\d+'/gu, '').replaceAll(" startupPolicy='optional'", '');
}

describe('a drive of a VM of another tool', () => {
  const OLD = `<disk type='file' device='cdrom'>
      <driver name='qemu' type='raw' cache='none' error_policy='stop'/>
      <source file='${ISO}'><seclabel model='dac' relabel='no'/></source>
      <target dev='sda' bus='sata'/><readonly/><serial>mine-1</serial><alias name='ua-mine'/>
      <iotune><total_bytes_sec>1000000</total_bytes_sec></iotune>
      <address type='drive' controller='0' bus='0' target='0' unit='3'/>
    </disk>`;
  it('has another medium, and is else as it was, live and stored', async () => {
    await host().foreignVm('define', { name: 'old', devices: OLD });
    await host().virsh('start --paused old');
    const before = await drives();
    expect(await host().plow(['media', 'insert', 'old', OTHER])).toMatchObject({ code: 0, stderr: '' });
    expect(plain(await drives())).toBe(plain(before.replaceAll(ISO, OTHER)));
    expect(await host().plow(['media', 'eject', 'old'])).toMatchObject({ code: 0 });
    const ejected = await drives();
    expect(ejected).not.toContain('.iso');
    for (const kept of ["cache='none'", 'mine-1', '1000000', "unit='3'", "alias name='ua-mine'"])
      expect(ejected.split(kept)).toHaveLength(3);
    expect(await host().plow(['media', 'insert', 'old', ISO])).toMatchObject({ code: 0, stderr: '' });
    expect(plain(await drives())).toBe(plain(before));
    await host().virsh('destroy old');
    await host().virsh('undefine old');
  });

  it('is left alone where a volume is in it, which may be the seed', async () => {
    await host().sh(`virsh pool-create-as isos dir --target ${IMAGES}/iso`);
    const volume = OLD.replace("disk type='file'", "disk type='volume'").replace(
      /<source [^]*<\/source>/u,
      "<source pool='isos' volume='seed.iso'/>",
    );
    await host().foreignVm('define', { name: 'old', devices: volume });
    const before = await drives().catch(String);
    const refused = await host().plow(['media', 'eject', 'old']);
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain('sda: isos/seed.iso is no file, but of type volume');
    expect(await drives().catch(String)).toBe(before);
    await host().virsh('undefine old');
    await host().virsh('pool-destroy isos');
  });
});
