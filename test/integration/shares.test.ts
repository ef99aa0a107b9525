import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addBusyboxImage } from '../lab/guest-image.ts';
import { useHost, VERSIONS } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const isNew = VERSIONS.libvirt.startsWith('11.');

let image = '';
/** Of this test alone: what is below /srv all hosts of the machine see. */
let root = '';
let settings = '';

beforeAll(async () => {
  image = await addBusyboxImage(host().lab, 'h1');
  root = `/srv/${host().lab.name}`;
  settings = await host().write({ share_dirs: [root] }, 'settings.yaml');
  await host().sh(`mkdir -p ${root}/data; echo hello from the host > ${root}/data/hello`);
});
afterEach(async () => {
  await host().plow(['destroy', '--yes', '--force', '--if-exists', 'web', 'twin']);
});
afterAll(async () => {
  await host().sh(`rm -rf ${root}`);
});

function sharing(source: string, changes: object = {}, share: object = {}): object {
  return vm({ shares: [{ source, tag: 'data', ...share }], ...changes });
}

async function create(
  config: object,
  ...more: readonly string[]
): ReturnType<ReturnType<typeof host>['plow']> {
  return host().plow(['--config', settings, ...more, 'create', await host().write(config)]);
}

interface Shown {
  readonly vm: Readonly<Record<string, unknown>>;
}

describe('a VM with a directory of its hypervisor', () => {
  it('mounts it and writes a file there, is shown, exported, cloned and snapshotted so, and leaves it', async () => {
    const data = `${root}/data`;
    const busybox = { boot_disk: { image, size_gb: 1 }, memory_gib: undefined, memory_mib: 128 };
    const made = await create(sharing(data, busybox));
    expect(made).toMatchObject({ code: 0 });
    expect(made.stderr).toContain(
      `shares[0].source: root of the guest writes there as root of the hypervisor, programs that run as root`,
    );
    const command =
      'mount -t virtiofs data /mnt 2> /dev/null; [ -s /mnt/note ] || echo from the guest > /mnt/note; cat /mnt/hello';
    await host().guestSays('web', command, 'hello from the host');
    expect(await host().sh(`cat ${data}/note; stat -c %u:%g ${data}/note`)).toBe('from the guest\n0:0');
    const { stdout } = await host().plow(['show', '-o', 'json', 'web']);
    const { vm: shown } = JSON.parse(stdout) as Shown;
    const share = { source: data, tag: 'data', read_only: false };
    expect(shown).toMatchObject({ shares: [share], differences: [] });
    const exported = await host().plow(['export', 'web']);
    expect(exported.stdout).toContain(`shares:\n  - source: ${data}\n    tag: data\n`);
    expect(exported.stdout).not.toContain('Not in this file');
    const snapshot = await host().plow(['snapshot', 'create', 'web', 'before']);
    expect(snapshot).toMatchObject({ code: 0 });
    expect(await host().plow(['snapshot', 'delete', '--yes', 'web', 'before'])).toMatchObject({ code: 0 });
    expect((await host().plow(['stop', '--force', 'web'])).code).toBe(0);
    const clone = ['clone', 'web', 'twin', '--ip', '10.77.0.51/24', '--keep-identity', '--start'];
    const unsaid = await host().plow(clone);
    expect({ code: unsaid.code, stderr: unsaid.stderr }).toMatchObject({ code: 2 });
    expect(unsaid.stderr).toContain('is in none of the directories that VMs may share (none)');
    const cloned = await host().plow(['--config', settings, ...clone]);
    expect({ code: cloned.code, stderr: cloned.stderr }).toMatchObject({ code: 0 });
    expect(cloned.stderr).toContain(
      `it mounts data of ${data}, as the VM does: both write into the one directory`,
    );
    await host().guestSays('twin', command, 'hello from the host');
    expect((await host().plow(['destroy', '--yes', '--force', 'web', 'twin'])).code).toBe(0);
    expect(await host().sh(`ls ${data}`)).toBe('hello\nnote');
  });

  it('may only read, where libvirt can have it so', async () => {
    const { code, stderr } = await create(sharing(`${root}/data`, {}, { read_only: true }));
    expect(code).toBe(isNew ? 0 : 2);
    const words = isNew
      ? 'root of the guest reads all that is in it, whatever its mode'
      : 'shares: this hypervisor has no directories that guests mount and may only read (libvirt 9.0.0; 11.0.0 and later have it): leave out read_only';
    expect(stderr).toContain(words);
  });
});

describe('such a directory is refused before anything is made', () => {
  afterEach(async () => {
    await host().sh(`rm -rf ${root}/other ${root}/link; chmod 0755 ${root}`);
  });

  it.each([
    ['is not there', 'true', 'gone', 'gone is not there'],
    [
      'is below one that is not there',
      'true',
      'gone/too',
      'gone/too is not there: the hypervisor has no directory',
    ],
    ['is a file', 'touch other', 'other', 'other is no directory'],
    ['is a link', 'ln -s data link', 'link', '/data through a link: give that'],
    ['is behind a link', 'mkdir other; ln -s other link; mkdir other/a', 'link/a', '/other/a through a link'],
    ['is where others can put a link', 'chmod 0777 .', 'data', 'users other than root may change'],
  ])('where it %s', async (_, make, source, words) => {
    await host().sh(`cd ${root}; ${make}`);
    const { code, stderr } = await create(sharing(`${root}/${source}`));
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('shares[0].source: ');
    expect(stderr).toContain(words);
    expect(await host().virsh('list --all --name')).toBe('');
  });

  it('where the settings do not allow it, and where it is of VMs', async () => {
    const unsaid = await host().plow(['create', await host().write(sharing(`${root}/data`))]);
    expect(unsaid).toMatchObject({ code: 2 });
    expect(unsaid.stderr).toContain(
      `${root}/data is in none of the directories that VMs may share (none): allow it with share_dirs (in the settings file)`,
    );
    const elsewhere = await create(sharing('/srv'));
    expect(elsewhere.stderr).toContain(
      `/srv is in none of the directories that VMs may share (${root}): allow it`,
    );
    await host().sh(`install -d -m 0711 ${root}/other`);
    const holding = await create(sharing(root), '--storage-path', `${root}/other`);
    expect(holding.stderr).toContain(`${root} has to do with ${root}/other, the directory of VMs`);
    await host().sh(`qemu-img create -q -f qcow2 ${root}/other/x.qcow2 1M`);
    const devices = `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${root}/other/x.qcow2'/><target dev='vda'/></disk>`;
    await host().foreignVm('define', { name: 'theirs', devices });
    const stolen = await create(sharing(`${root}/other`));
    expect(stolen.stderr).toContain(`${root}/other has ${root}/other/x.qcow2 in it, which is of VM 'theirs'`);
    await host().virsh('undefine theirs');
    await host().sh(
      `cd ${root}; ln -s other link; qemu-img create -q -f qcow2 ${IMAGES}/top.qcow2 -b ${root}/link/x.qcow2 -F qcow2`,
    );
    const top = devices.replace(`${root}/other/x.qcow2`, `${IMAGES}/top.qcow2`);
    await host().foreignVm('define', { name: 'theirs', devices: top });
    const below = await create(sharing(`${root}/other`));
    expect(below.stderr).toMatch(/has \S+\/x\.qcow2 in it, which is of VM 'theirs'/u);
    await host().sh(`virsh -q undefine theirs; rm ${IMAGES}/top.qcow2`);
    await host().sh(`echo '{}' > ${root}/other/x.json`);
    await host().foreignVm('define', { name: 'theirs' });
    await host()
      .sh(`virsh -q dumpxml theirs | sed "s#</os>#</os><sysinfo type='fwcfg'><entry name='opt/a' file='${root}/other/x.json'/></sysinfo>#" > ${root}/their.xml
      virsh -q define ${root}/their.xml; rm ${root}/their.xml`);
    const firmware = await create(sharing(`${root}/other`));
    expect(firmware.stderr).toContain(
      `${root}/other has ${root}/other/x.json in it, which is of VM 'theirs'`,
    );
    await host().virsh('undefine theirs');
  });

  it('where it lies in that of another VM, whose guest could put a link there', async () => {
    await host().sh(`mkdir -p ${root}/data/inner/deep`);
    await create(sharing(`${root}/data`, { boot_disk: { empty: true, size_gb: 1 } }));
    const network = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    const inner = sharing(`${root}/data/inner/deep`, { name: 'twin', network_interfaces: network });
    const { code, stderr } = await create(inner);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `overlaps with ${root}/data, a share of VM 'web': share one of the two with both`,
    );
    const same = sharing(`${root}/data`, {
      name: 'twin',
      network_interfaces: network,
      boot_disk: { empty: true, size_gb: 1 },
    });
    expect((await create(same)).code).toBe(0);
    await host().sh(`rm -r ${root}/data/inner`);
  });

  it('from another machine as well, as far as libvirt tells, and says what it did not look at', async () => {
    const uri = 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock';
    const there = await host().write(sharing(`${root}/data`));
    const dry = await host().plow(['--config', settings, '-c', uri, 'create', '--dry-run', there]);
    expect(dry.stderr).toMatch(/checks were not made \([^)]*virtiofsd, the share \S+\/data, the subnets/u);
    await host().sh(`touch ${root}/other`);
    for (const [name, words] of [
      ['gone', 'is not there'],
      ['other', 'is no directory'],
    ]) {
      const file = await host().write(sharing(`${root}/${name}`));
      const { code, stderr } = await host().plow(['--config', settings, '-c', uri, 'create', file]);
      expect({ name, code }).toEqual({ name, code: 2 });
      expect(stderr).toContain(`shares[0].source: ${root}/${name} ${words}`);
    }
  });

  it('where there is nothing that would serve it, which doctor tells of a VM', async () => {
    await create(sharing(`${root}/data`, { boot_disk: { empty: true, size_gb: 1 } }));
    await host().sh('mkdir -p /run/none; mount --bind /run/none /usr/share/qemu/vhost-user');
    try {
      const doctor = await host().plow(['doctor']);
      expect(doctor.stdout).toMatch(
        /^! virtiofs +there is no virtiofsd that serves directories to guests: VM 'web' cannot start \[virtiofsd-missing\]\n +→ apt install virtiofsd$/mu,
      );
      await host().plow(['destroy', '--yes', '--force', 'web']);
      const { code, stderr } = await create(sharing(`${root}/data`));
      expect(code).toBe(2);
      expect(stderr).toContain(
        'shares: there is no virtiofsd, which serves directories to guests: apt install virtiofsd',
      );
    } finally {
      await host().sh('umount /usr/share/qemu/vhost-user; rmdir /run/none');
    }
  });
});
