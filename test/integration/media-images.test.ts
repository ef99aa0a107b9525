import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { makeTinyIso } from '../lab/tiny-iso.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const PLACE = `${IMAGES}/plow.images`;
const EMPTY = { boot_disk: { empty: true, size_gb: 1 } };
const NAMED = `${PLACE}/netinst-1.iso`;

beforeAll(async () => {
  const { files } = host();
  await makeTinyIso(host(), `${files}/one.iso`, 'iso one');
  await makeTinyIso(host(), `${files}/seed.iso`, 'seed', 'cidata');
  await host().sh(`cp ${IMAGES}/tiny.qcow2 ${files}`);
}, 60_000);

afterEach(() => host().sh(`rm -rf ${PLACE}`));

/** What the guest has said on its serial port, as soon as that is something. */
const said = (): Promise<string> =>
  host().sh(`for i in $(seq 300); do
      words=$(tr -d '\\r' < ${IMAGES}/web/console.log | grep -aoE 'iso one|No bootable device' | head -1)
      [ -z "$words" ] || break; sleep 0.2
    done; echo "$words"`);

const importIso = (name = 'netinst'): Promise<Finished> =>
  host().plow(['image', 'import', `${host().files}/one.iso`, '--name', name, '--image-version', '1']);

const pathOfUpload = async (): Promise<string> => {
  const digest = await host().sh(`sha256sum ${host().files}/one.iso | cut -c1-32`);
  return `${PLACE}/one-${digest}.iso`;
};

it('is named as an image is, and neither removed nor cleaned away while a VM has it in its drive', async () => {
  expect(await importIso()).toMatchObject({ code: 0 });
  const listed = JSON.parse((await host().plow(['image', 'list', '-o', 'json'])).stdout) as object;
  expect(listed).toMatchObject({ name: 'netinst', image_version: '1', format: 'iso', path: NAMED });
  await host().given(vm({ ...EMPTY, cdrom: 'netinst' }));
  expect(await said()).toBe('iso one');
  expect((await host().plow(['export', 'web'])).stdout).toContain(`cdrom:\n  image: ${NAMED}\n`);
  expect((await host().plow(['image', 'list'])).stdout).toMatch(/^netinst +1 .* web .*netinst-1\.iso$/mu);

  const refused = await host().plow(['image', 'remove', 'netinst']);
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.stderr).toContain(`VM 'web' has in its drive ${NAMED}`);
  expect(await host().plow(['gc', '--delete', '--yes', '--older-than', '0m'])).toMatchObject({ code: 0 });
  expect(await host().sh(`ls ${PLACE}`)).toBe('netinst-1.iso\nnetinst-1.iso.plow.json');

  // Off, it has it still; once it is ejected, nobody does.
  await host().virsh('destroy web');
  expect(await host().plow(['image', 'remove', 'netinst'])).toMatchObject({ code: 4 });
  expect(await host().plow(['media', 'eject', 'web'])).toMatchObject({ code: 0 });
  expect(await host().plow(['image', 'remove', 'netinst'])).toMatchObject({ code: 0 });
  const gone = await host().plow(['media', 'insert', 'web', 'netinst']);
  expect(gone).toMatchObject({ code: 2 });
  expect(gone.stderr).toContain('there is no image netinst on the hypervisor');
  await host().virsh('start web');
  await host().discard('web');
});

it('is no disk, and a disk is no medium, whatever its name', async () => {
  await importIso();
  const disk = await host().create(vm({ boot_disk: { image: 'netinst', size_gb: 1 } }));
  expect(disk).toMatchObject({ code: 2 });
  expect(disk.stderr).toContain(`boot_disk.image: ${NAMED} is iso, and a base image must be qcow2 or raw`);
  await host().plow(['image', 'import', `${IMAGES}/tiny.qcow2`, '--name', 'tiny', '--image-version', '1']);
  const drive = await host().create(vm({ ...EMPTY, cdrom: { image: 'tiny@1' } }));
  expect(drive).toMatchObject({ code: 2 });
  expect(drive.stderr).toContain('begins as a qcow2 image: an install medium is an ISO');
  const both = await host().create(vm({ boot_disk: { image: 'debain', size_gb: 1 }, cdrom: 'netints' }));
  expect(both).toMatchObject({ code: 2 });
  expect(both.stderr).toMatch(
    /boot_disk\.image: there is no image debain .*\n.*cdrom: there is no image netints/u,
  );
  const gate = await host().plow(['image', 'gate', 'netinst', '--bridge', 'br0', '--ip', '10.77.0.9/24']);
  expect(gate.stderr).toContain('netinst@1 is an install medium: no VM is made of it');
  const seed = await host().plow(['image', 'import', `${host().files}/seed.iso`, '--name', 'seed']);
  expect(seed).toMatchObject({ code: 2 });
  expect(seed.stderr).toContain('is a seed of cloud-init');
});

it('is brought from this machine with --upload, once, beside the base image', async () => {
  const path = await pathOfUpload();
  const file = await host().write(
    vm({ boot_disk: { image: './tiny.qcow2', size_gb: 1 }, cdrom: './one.iso' }),
  );
  const without = await host().plow(['create', file]);
  expect(without.stderr).toMatch(
    /boot_disk\.image: "\.\/tiny\.qcow2" is a file of this machine.*\n.*cdrom: "\.\/one\.iso" is a file of this machine/u,
  );
  const dry = await host().plow(['create', '--upload', '--dry-run', '-o', 'json', file]);
  expect(dry).toMatchObject({ code: 0 });
  expect(JSON.parse(dry.stdout)).toMatchObject({
    upload: { file: './tiny.qcow2', there: 'nothing' },
    medium_upload: { file: './one.iso', path, there: 'nothing' },
  });
  expect(await host().sh(`ls ${IMAGES}`)).not.toContain('plow.images');
  const made = await host().plow(['create', '--upload', file]);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain(`Image brought to ${path} `);
  expect(await host().sh(`cmp ${path} ${host().files}/one.iso; stat -c '%a %U' ${path}`)).toBe('644 root');
  expect((await host().plow(['export', 'web'])).stdout).toContain(`cdrom:\n  image: ${path}\n`);
  await host().discard('web');
  const again = await host().plow(['create', '--upload', file]);
  expect(again.stdout).toContain(`Image ${path} is there already`);

  // A VM that is there takes it too; what is no medium is not sent.
  await host().plow(['media', 'eject', 'web']);
  const local = await host().plowInShell(`cd ${host().files}; "$@" media insert web ./one.iso`);
  expect(local).toMatchObject({ code: 0, stderr: '' });
  expect((await host().virsh('domblklist web')).split('\n').find((line) => /sdb/u.test(line))).toContain(
    path,
  );
  const seed = await host().plowInShell(`cd ${host().files}; "$@" media insert web ./seed.iso`);
  expect(seed).toMatchObject({ code: 2 });
  expect(seed.stderr).toContain('./seed.iso is a seed of cloud-init');
  expect(await host().sh(`ls ${PLACE}`)).not.toContain('seed');
  await host().discard('web');
});

it('is checked before a byte is sent, with its place in the file', async () => {
  const file = await host().write(vm({ ...EMPTY, cdrom: { image: './seed.iso' } }));
  for (const argv of [['create', '--upload'], ['validate']]) {
    const { code, stderr } = await host().plow([...argv, file]);
    expect({ argv, code }).toStrictEqual({ argv, code: 2 });
    expect(stderr).toMatch(/vm\.yaml:\d+:\d+: cdrom\.image: \.\/seed\.iso is a seed of cloud-init/u);
  }
  expect(await host().sh(`ls ${IMAGES}`)).not.toContain('plow.images');
});

it('stays behind a clone, whose drive is empty where the ISO is gone', async () => {
  await host().sh(`cp ${host().files}/one.iso ${IMAGES}/one.iso; chmod 644 ${IMAGES}/one.iso`);
  await host().given(vm({ cdrom: `${IMAGES}/one.iso`, cloud_init: {} }));
  await host().virsh('destroy web');
  expect(await host().plow(['clone', 'web', 'two', '--ip', '10.77.0.51/24'])).toMatchObject({ code: 0 });
  expect((await host().plow(['export', 'two'])).stdout).toContain(`cdrom:\n  image: ${IMAGES}/one.iso\n`);
  await host().sh(`rm ${IMAGES}/one.iso`);
  const cloned = await host().plow(['clone', 'web', 'three', '--ip', '10.77.0.52/24']);
  expect(cloned).toMatchObject({ code: 0 });
  expect(cloned.stderr).toContain(
    `its drive is empty: ${IMAGES}/one.iso, which the VM has in its own, is not there`,
  );
  expect((await host().plow(['export', 'three'])).stdout).toContain('cdrom: {}');
  expect((await host().plow(['destroy', 'web', 'two', 'three'])).code).toBe(0);
});
