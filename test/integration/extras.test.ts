import { afterEach, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const FILE = `${IMAGES}/config.json`;

const EXTRAS = {
  firmware: 'uefi',
  tpm: true,
  secure_boot: true,
  watchdog: { model: 'i6300esb', action: 'pause' },
  iothreads: 1,
  fw_cfg: [{ name: 'opt/org.example/config', file: FILE }],
  boot_disk: { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, io_limits: { read_iops: 50, total_mib_per_s: 2 } },
};

afterEach(async () => {
  await host().plow(['destroy', '--yes', '--force', '--if-exists', 'web']);
  await host().sh(`rm -rf ${FILE} /etc/secret.json`);
});

interface Shown {
  readonly vm: Readonly<Record<string, unknown>> & { readonly disks: readonly object[] };
}

describe('a VM with what few VMs have', () => {
  it('runs with all of it, is shown and exported so, and its file keeps its owner', async () => {
    await host().sh(`echo '{}' > ${FILE}; chown 0:1001 ${FILE}; chmod 0644 ${FILE}`);
    await host().given(vm(EXTRAS));
    expect(await host().sh(`stat -c %u:%g:%a ${FILE}`)).toBe('64055:64055:644');
    const xml = await host().sh('virsh dumpxml web');
    expect(xml).toMatch(/<loader readonly='yes' secure='yes' type='pflash'>.*\.ms\.fd<\/loader>/u);
    const { stdout } = await host().plow(['show', '-o', 'json', 'web']);
    const { vm: shown } = JSON.parse(stdout) as Shown;
    expect(shown).toMatchObject({
      tpm: true,
      secure_boot: true,
      watchdog: { model: 'i6300esb', action: 'pause' },
      iothreads: 1,
      fw_cfg: [{ name: 'opt/org.example/config', file: FILE }],
      differences: [],
    });
    expect(shown.disks[0]).toMatchObject({ io_limits: { read_iops: 50, total_mib_per_s: 2 } });
    const attached = await host().plow(['attach', 'disk', 'web', '--size', '1']);
    expect(attached).toMatchObject({ code: 0 });
    expect(await host().sh('virsh dumpxml web')).toMatch(/iothread='1'[^]*iothread='1'[^]*data-vdb/u);
    const exported = await host().plow(['export', 'web']);
    expect(exported.stdout).not.toContain('Not in this file');
    for (const line of ['tpm: true', 'secure_boot: true', 'iothreads: 1', 'read_iops: 50'])
      expect(exported.stdout).toContain(line);
    expect((await host().plow(['destroy', '--plan', 'web'])).stdout).toContain('state of its TPM');
    const kept = await host().plow(['destroy', '--yes', '--force', '--keep-data', 'web']);
    expect(kept).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('hint: --drop-tpm lets the state go'),
    });
    expect(await host().virsh('domstate web')).toBe('running');
    expect((await host().plow(['destroy', '--yes', '--force', 'web'])).code).toBe(0);
    expect(await host().sh(`stat -c %u:%g:%a ${FILE}`)).toBe('0:1001:644');
    expect(await host().sh('find /var/lib/libvirt/swtpm -mindepth 1')).toBe('');
  });

  it.each([
    ['not there', 'true', `${FILE} is not there`],
    ['a directory', `mkdir ${FILE}`, `${FILE} is no file`],
    ['a link', `echo > /etc/secret.json; ln -s /etc/secret.json ${FILE}`, 'through a link'],
    ['private', `echo > ${FILE}; chmod 0600 ${FILE}`, `chgrp 64055 ${FILE} && chmod 640 ${FILE}`],
    ['a disk', `qemu-img create -q -f qcow2 ${FILE} 1M`, `${FILE} is a disk`],
    ["somebody's", `echo > ${FILE}; chown 1000 ${FILE}`, 'users other than root may change'],
    ['too large', `truncate -s 17M ${FILE}`, 'a guest would read for hours'],
  ])('is refused before anything is made where its file is %s', async (_, make, words) => {
    await host().sh(make);
    const file = await host().write(vm({ fw_cfg: EXTRAS.fw_cfg }));
    const { code, stderr } = await host().plow(['create', file]);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('fw_cfg[0].file: ');
    expect(stderr).toContain(words);
    expect(await host().sh('virsh list --all --name')).toBe('');
  });

  it('sees no file from where images do not lie, and none of another VM', async () => {
    const shadow = { name: 'opt/a', file: '/etc/shadow' };
    const outside = await host().plow(['create', await host().write(vm({ fw_cfg: [shadow] }))]);
    expect(outside.stderr).toContain('/etc/shadow is outside the directories of images');
    await host().given(vm());
    const stolen = { name: 'opt/a', file: `${IMAGES}/web/boot.qcow2` };
    const network = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    const second = vm({ name: 'thief', network_interfaces: network, fw_cfg: [stolen] });
    const thief = await host().plow(['create', await host().write(second)]);
    expect(thief.stderr).toContain("belongs to VM 'web': give a copy of it that no VM uses");
    const link = `${IMAGES}/linked/boot.qcow2`;
    await host().sh(`mkdir ${IMAGES}/linked; ln ${IMAGES}/web/boot.qcow2 ${link}`);
    const linked = vm({
      name: 'thief',
      network_interfaces: network,
      fw_cfg: [{ name: 'opt/a', file: link }],
    });
    const again = await host().plow(['create', await host().write(linked)]);
    expect(again.stderr).toContain(`${link} belongs to VM 'web': give a copy of it that no VM uses`);
    await host().sh(`rm -r ${IMAGES}/linked`);
  });

  it('sees no image that a VM stands on, of which libvirt would make QEMU the owner', async () => {
    const base = `${IMAGES}/base.raw`;
    await host().sh(
      `truncate -s 1M ${base}; printf '\\125\\252' | dd of=${base} bs=1 seek=510 conv=notrunc status=none`,
    );
    const onBase = { boot_disk: { image: base, size_gb: 1 } };
    const fw_cfg = [{ name: 'opt/a', file: base }];
    const own = await host().create(vm({ ...onBase, fw_cfg }));
    expect(own.stderr).toContain(`${base} is an image of this VM`);
    await host().given(vm(onBase));
    const network = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    const second = vm({ name: 'thief', network_interfaces: network, fw_cfg });
    const { stderr } = await host().plow(['create', await host().write(second)]);
    expect(stderr).toContain(`VM 'web' stands on ${base}: give a copy of it that no VM uses`);
    await host().discard('web');
    await host().sh(`rm ${base}`);
  });

  it('sees no file that another tool gives its VM, nor one in a directory that others may change', async () => {
    const secret = `${IMAGES}/boot.ign`;
    await host().sh(`echo '{}' > ${secret}`);
    const entry = `<sysinfo type='fwcfg'><entry name='opt/a/b' file='${secret}'/></sysinfo>`;
    const xml = `<domain type='qemu'><name>foreign</name><memory unit='MiB'>64</memory>
      <os><type arch='x86_64' machine='q35'>hvm</type></os>${entry}</domain>`;
    await host().sh('cat | virsh --quiet define /dev/stdin', xml);
    const stolen = await host().create(vm({ fw_cfg: [{ name: 'opt/a', file: secret }] }));
    expect(stolen.stderr).toContain(`${secret} belongs to VM 'foreign': give a copy of it that no VM uses`);
    await host().virsh('undefine foreign');
    await host().sh(`rm ${secret}; mkdir -m 0777 ${IMAGES}/open; echo '{}' > ${IMAGES}/open/a`);
    const open = await host().create(vm({ fw_cfg: [{ name: 'opt/a', file: `${IMAGES}/open/a` }] }));
    expect(open.stderr).toContain(`users other than root may change ${IMAGES}/open `);
    await host().sh(`rm -r ${IMAGES}/open`);
  });

  it('exports a file for its guest whatever it is called', async () => {
    const file = `${IMAGES}/config.ign`;
    await host().sh(`echo '{}' > ${file}`);
    await host().given(vm({ fw_cfg: [{ name: 'opt/a', file }] }));
    const { stdout } = await host().plow(['export', 'web']);
    expect(stdout).toMatch(/fw_cfg:\n +- name: opt\/a\n +file: .*\/config\.ign/u);
    await host().discard('web');
    await host().sh(`rm ${file}`);
  });

  it('may share a file with another VM', async () => {
    await host().sh(`echo '{}' > ${FILE}`);
    await host().given(vm({ fw_cfg: EXTRAS.fw_cfg }));
    const network = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
    const other = vm({ name: 'other', network_interfaces: network, fw_cfg: EXTRAS.fw_cfg });
    expect(await host().create(other)).toMatchObject({ code: 0, stderr: '' });
    await host().discard('other');
  });
});
