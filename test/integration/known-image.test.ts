import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const PORT = 8098;
const SERVER = fileURLToPath(new URL('web-server.mjs', import.meta.url));
const STORE = `${IMAGES}/plow.images`;

type Ran = ReturnType<ReturnType<typeof host>['plow']>;
let digests: readonly string[] = [];

beforeEach(async () => {
  digests = [];
  const directory = host().files;
  for (const name of ['one', 'two']) {
    await writeFile(join(directory, 'data'), randomBytes(2 ** 20));
    await host().sh(`cd ${directory}; qemu-img create -q -f raw whole.raw 64M
      printf 'U\\252' | dd of=whole.raw bs=1 seek=510 conv=notrunc status=none
      dd if=data of=whole.raw bs=1M seek=20 conv=notrunc status=none
      qemu-img convert -f raw -O qcow2 whole.raw ${name}.qcow2`);
    const hash = createHash('sha256').update(await readFile(join(directory, `${name}.qcow2`)));
    digests = [...digests, `sha256:${hash.digest('hex')}`];
  }
});

/** Runs work while a web server has the images. */
async function served<T>(work: () => Promise<T>): Promise<T> {
  await host().sh(`cd ${host().files}
    setsid ${process.execPath} ${SERVER} . ${PORT} > served 2>&1 & echo $! > server.pid
    until grep -q ready served; do sleep 0.05; done`);
  try {
    return await work();
  } finally {
    await host().sh(`kill "$(cat ${host().files}/server.pid)"`);
  }
}

const seed = {
  ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA a@b'],
};

const url = (name: string): string => `http://127.0.0.1:${PORT}/${name}.qcow2`;
const pull = (name: string, version: string, digest = ''): Ran =>
  host().plow([
    'image',
    'pull',
    url(name),
    '--name',
    'base',
    '--checksum',
    digest,
    '--image-version',
    version,
  ]);
const told = async (...argv: readonly string[]): Promise<unknown> =>
  JSON.parse((await host().plow([...argv, '-o', 'json'])).stdout);

it('is remembered by the VM that is made of it, told, exported by its name, and outdated by a newer one', async () => {
  await served(() => pull('one', '20260101-1', digests[0]));
  const known = {
    name: 'base',
    version: '20260101-1',
    digest: digests[0],
    path: `${STORE}/base-20260101-1.qcow2`,
  };
  expect((await host().create(vm({ boot_disk: { image: 'base', size_gb: 1 } }))).code).toBe(0);
  expect(await told('show', 'web')).toMatchObject({
    vm: { declared: { known_image: known, boot_disk: { image: known.path } } },
  });
  expect((await host().plow(['show', 'web'])).stdout).toMatch(
    new RegExp(`^ +Image: +base@20260101-1, ${digests[0]}$`, 'mu'),
  );
  expect(await told('list', '--all')).toMatchObject({ vms: [{ image: known.path, known_image: known }] });
  const listed = await host().plow(['list', '--all', '--columns', 'name,image', '--filter', 'image=base@*']);
  expect(listed.stdout).toContain('web        base@20260101-1');
  expect((await host().plow(['export', 'web'])).stdout).toContain('  image: base@20260101-1\n');
  // By its path it is the same.
  const other = {
    name: 'other',
    boot_disk: { image: known.path, size_gb: 1 },
    network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
  };
  expect((await host().create(vm(other))).code).toBe(0);
  expect(await told('show', 'other')).toMatchObject({ vm: { declared: { known_image: known } } });

  const none = await host().plow(['image', 'outdated']);
  expect(none).toMatchObject({ code: 0, stdout: '' });
  expect(none.stderr).toContain('no VM is of an image of which there is a newer one here');
  await served(() => pull('two', '20260201-1', digests[1]));
  const outdated = await host().plow(['image', 'outdated']);
  expect(outdated.code).toBe(0);
  expect(outdated.stdout).toMatch(
    /^other +base +20260101-1 +20260201-1\nweb +base +20260101-1 +20260201-1$/mu,
  );
  const lines = (await host().plow(['image', 'outdated', '-o', 'json'])).stdout.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    {
      vm: 'other',
      image: 'base',
      image_version: '20260101-1',
      path: known.path,
      newest_version: '20260201-1',
    },
    { vm: 'web', newest_path: `${STORE}/base-20260201-1.qcow2`, newest_digest: digests[1] },
  ]);

  // Another record at the same path is of another image.
  const record = `${known.path}.plow.json`;
  await host().sh(`sed -i 's/${digests[0]}/${digests[1]}/' ${record}`);
  expect((await host().plow(['export', 'web'])).stdout).toContain(`  image: ${known.path}\n`);
  await host().sh(`rm ${record}`);
  expect((await host().plow(['export', 'web'])).stdout).toContain(`  image: ${known.path}\n`);
  await host().discard('web');
  await host().discard('other');
  await host().sh(`rm -r ${STORE}`);
});

it('is told of a VM that is adopted, and not of a clone, whose disk is a copy', async () => {
  await served(() => pull('one', '1', digests[0]));
  expect((await host().create(vm({ boot_disk: { image: 'base', size_gb: 1 }, cloud_init: seed }))).code).toBe(
    0,
  );
  await host().sh('virsh destroy web; virsh metadata web urn:plow:domain:1 --remove');
  expect((await host().plow(['export', 'web'])).stdout).toContain('image: base@1\n');
  expect((await host().plow(['export', '--adopt', 'web'])).code).toBe(0);
  expect(await told('show', 'web')).toMatchObject({
    vm: { declared: { known_image: { name: 'base', version: '1', digest: digests[0] } } },
  });
  expect((await host().plow(['clone', 'web', 'two', '--ip', '10.77.0.51/24'])).code).toBe(0);
  expect(await told('show', 'two')).toMatchObject({ vm: { declared: { known_image: null } } });
  expect((await host().plow(['destroy', 'web', 'two'])).code).toBe(0);
  await host().sh(`rm -r ${STORE}`);
});

const own = (needs: object): object => ({ download_url: url('one'), checksum_value: digests[0], ...needs });

it('tells create what it needs', async () => {
  const settings = join(host().files, 'plow.yaml');
  const images = {
    old: own({ firmware: 'bios', cloud_init: { bus: 'virtio' } }),
    new: own({ firmware: 'uefi', provisioning: { format: 'ignition' } }),
  };
  await writeFile(settings, JSON.stringify({ images }));
  await served(() => host().plow(['--config', settings, 'image', 'pull', 'old', 'new']));
  // What the file leaves out is as the image needs it.
  const silent = vm({ boot_disk: { image: 'old', size_gb: 1 }, firmware: undefined, cloud_init: seed });
  expect((await host().create(silent)).code).toBe(0);
  expect(await told('show', 'web')).toMatchObject({
    vm: { firmware: { type: 'bios' }, declared: { cloud_init: { bus: 'virtio' } } },
  });
  await host().discard('web');
  // What cannot boot is a mistake, at its key; what can is a note.
  const wrong = vm({ boot_disk: { image: 'new', size_gb: 1 }, cloud_init: seed });
  const file = await host().write(wrong);
  const words = /vm\.yaml:\d+:\d+: firmware: new@\S+ cannot boot with bios: it needs uefi/u;
  const note = /vm\.yaml:\d+:\d+: cloud_init: new@\S+ takes Ignition/u;
  for (const argv of [['create'], ['create', '--dry-run'], ['validate', '--on-host']]) {
    const { code, stderr } = await host().plow([...argv, file]);
    expect({ argv, code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(words) as unknown,
    });
    expect(stderr).toMatch(note);
  }
  // A file that leaves the format open has the one that the image reads, and no words that it has not.
  const open = { boot_disk: { image: 'new', size_gb: 1 }, firmware: undefined };
  const packages = await host().create(vm({ ...open, provisioning: { packages: ['nginx'] } }));
  expect(packages.code).toBe(2);
  expect(packages.stderr).toMatch(
    /provisioning\.packages: Ignition cannot install packages.*takes Ignition/u,
  );
  expect(await host().create(vm({ ...open, provisioning: {} }))).toMatchObject({ code: 0, stderr: '' });
  expect(await told('show', 'web')).toMatchObject({
    vm: {
      seed: null,
      ignition_config: { path: `${IMAGES}/web/config.ign`, exists: true },
      declared: { cloud_init: null, provisioning: { format: 'ignition', ssh_user: 'core' } },
    },
  });
  await host().discard('web');
  await host().sh(`rm -r ${STORE}`);
});
