import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageDocument } from '../../src/documents/images/image-schema.ts';
import type { ImageDocument } from '../../src/documents/images/image-schema.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const STORE = `${IMAGES}/plow.images`;
const MIB = 2 ** 20;

/** A qcow2 image and a raw one of some MiB, packed in each way. */
async function makeFiles(): Promise<void> {
  const directory = host().files;
  await writeFile(join(directory, 'data'), randomBytes(3 * MIB));
  await host().sh(`cd ${directory}
    qemu-img create -q -f raw whole.raw 64M
    printf 'U\\252' | dd of=whole.raw bs=1 seek=510 conv=notrunc status=none
    dd if=data of=whole.raw bs=1M seek=20 conv=notrunc status=none
    qemu-img convert -f raw -O qcow2 whole.raw disk.qcow2
    xz -k -T1 -1 disk.qcow2; gzip -k disk.qcow2; zstd -q -k disk.qcow2
    head -c 2000000 disk.qcow2 > cut.qcow2; head -c 1000000 disk.qcow2.xz > cut.qcow2.xz
    head -c 3000001 whole.raw > odd.raw
    qemu-img create -q -f qcow2 -b /etc/passwd -F raw stolen.qcow2 1M
    echo '<!DOCTYPE html>' > page.qcow2; : > empty.qcow2; mkfifo pipe.qcow2; mkdir dir.qcow2
    mkdir exported`);
}

let isMade = false;
beforeEach(async () => {
  if (!isMade) await makeFiles();
  isMade = true;
});
// Before what was left is counted.
afterEach(() => host().sh(`rm -rf ${STORE} ${host().files}/exported/* ${host().files}/exported/.plow-*`));

const pathOf = (file: string): string => join(host().files, file);
const imported = (file: string, name: string, ...more: readonly string[]): Promise<Finished> =>
  host().plow(['image', 'import', pathOf(file), '--name', name, ...more]);
const exported = (...words: readonly string[]): Promise<Finished> =>
  host().plow(['image', 'export', ...words]);

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(pathOf(file)))
    .digest('hex');
}

async function listed(): Promise<readonly ImageDocument[]> {
  const { stdout } = await host().plow(['image', 'list', '-o', 'json']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => imageDocument.parse(JSON.parse(line)));
}

const left = (directory = STORE): Promise<string> => host().sh(`ls -A ${directory} 2> /dev/null || true`);

describe('an image of this machine that is imported', () => {
  it.each(['disk.qcow2', 'disk.qcow2.xz', 'disk.qcow2.gz', 'disk.qcow2.zst'])(
    'from %s has all its bytes and a record, and a VM stands on it by its name',
    async (file) => {
      const { code, stdout, stderr } = await imported(file, 'disk');
      expect({ code, stdout, stderr }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/disk@[0-9a-f]{12} imported to /u) as unknown,
      });
      const [image] = await listed();
      expect(image).toMatchObject({
        name: 'disk',
        status: 'ready',
        image_version: (await digestOf(file)).slice(0, 12),
        url: `imported://${file}`,
        downloaded: `sha256:${await digestOf(file)}`,
        content: `sha256:${await digestOf('disk.qcow2')}`,
        insecure: false,
      });
      await host().sh(`cmp ${image?.path} ${pathOf('disk.qcow2')}`);
      expect(await host().sh(`cat ${STORE}/*.plow.json`)).not.toContain(host().files);
      await host().given(vm({ boot_disk: { image: 'disk', size_gb: 1 } }));
      await host().discard('web');
    },
  );

  it('is there already the second time, and takes no room for its zeros', async () => {
    expect((await imported('whole.raw', 'whole', '--image-version', '1')).code).toBe(0);
    const [, allocated] = (await host().sh(`stat -c '%s %b' ${STORE}/whole-1.raw`)).split(' ');
    expect(Number(allocated) * 512).toBeLessThan(8 * MIB);
    await host().sh(`cmp ${STORE}/whole-1.raw ${pathOf('whole.raw')}`);
    const again = await imported('whole.raw', 'whole', '--image-version', '1');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is there already') as unknown });
    const other = await imported('disk.qcow2', 'whole', '--image-version', '1', '-o', 'json');
    expect(imageDocument.parse(JSON.parse(other.stdout))).toMatchObject({
      action: 'import',
      status: 'imported',
    });
  });

  it('stays where a volume of a pool stands on it, be it by a way of its own', async () => {
    expect((await imported('disk.qcow2', 'disk', '--image-version', '1')).code).toBe(0);
    const [directory, link] = [pathOf('exported/pool'), pathOf('exported/way')];
    await host().sh(`mkdir ${directory}; ln -s ${STORE} ${link}
      qemu-img create -q -f qcow2 -b ${link}/disk-1.qcow2 -F qcow2 ${directory}/over.qcow2
      virsh -q pool-create-as others dir --target ${directory}`);
    const { code, stderr } = await host().plow(['image', 'remove', '--yes', 'disk']);
    await host().sh('virsh -q pool-destroy others');
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`${directory}/over.qcow2 stands on ${STORE}/disk-1.qcow2`) as unknown,
    });
  });

  it('has the digest that is asked for', async () => {
    const wanted = `sha256:${await digestOf('disk.qcow2.xz')}`;
    expect((await imported('disk.qcow2.xz', 'disk', '--checksum', wanted)).code).toBe(0);
    const wrong = await imported('disk.qcow2', 'other', '--checksum', wanted);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('is another file') as unknown });
  });

  it.each([
    ['cut.qcow2', 2, 'is cut off'],
    ['cut.qcow2.xz', 5, 'cut.qcow2.xz'],
    ['odd.raw', 2, 'is not made of whole sectors'],
    ['stolen.qcow2', 2, 'overlay'],
    ['page.qcow2', 2, 'is a web page'],
    ['empty.qcow2', 2, 'empty.qcow2 is '],
    ['pipe.qcow2', 1, 'it is a pipe, not a file'],
    ['dir.qcow2', 1, 'it is a directory, not a file'],
    ['none.qcow2', 1, 'no such file'],
    ['../../dev/zero', 1, 'it is not a regular file'],
  ])('is none: %s', async (file, exit, words) => {
    const { code, stderr } = await imported(file, 'disk');
    expect({ code, stderr }).toMatchObject({ code: exit, stderr: expect.stringContaining(words) as unknown });
    expect(await left()).toBe('');
  });

  it('leaves nothing where it changes while it is sent', async () => {
    await host().sh(`cp ${pathOf('whole.raw')} ${pathOf('exported/moving.raw')}`);
    const changing = `"$@" image import ${pathOf('exported/moving.raw')} --name moving & plow=$!
      while kill -0 $plow 2> /dev/null; do touch ${pathOf('exported/moving.raw')}; done; wait $plow`;
    const { code, stderr } = await host().plowInShell(changing);
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('has changed since it was looked at') as unknown,
    });
    expect(await left()).toBe('');
  });
});

describe('an image that is exported', () => {
  it('has all its bytes, and no room is taken for its zeros', async () => {
    expect((await imported('whole.raw', 'whole', '--image-version', '1')).code).toBe(0);
    const target = pathOf('exported/back.raw');
    const { code, stdout } = await exported('whole', target);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`whole@1 exported to ${target}`) as unknown,
    });
    await host().sh(`cmp ${target} ${pathOf('whole.raw')}`);
    expect(Number(await host().sh(`stat -c %b ${target}`)) * 512).toBeLessThan(8 * MIB);
    expect(await left(pathOf('exported'))).toBe('back.raw');
  });

  it('is called as it is there unless a name is given, and never takes the place of a file', async () => {
    expect((await imported('disk.qcow2', 'disk', '--image-version', '1')).code).toBe(0);
    const there = (): Promise<Finished> =>
      host().plowInShell(`cd ${pathOf('exported')} && "$@" image export disk -o json`);
    const first = await there();
    expect(imageDocument.parse(JSON.parse(first.stdout))).toMatchObject({
      action: 'export',
      status: 'exported',
      file: 'disk-1.qcow2',
      path: `${STORE}/disk-1.qcow2`,
    });
    await host().sh(
      `cmp ${pathOf('exported/disk-1.qcow2')} ${pathOf('disk.qcow2')}; echo mine > ${pathOf('exported/disk-1.qcow2')}`,
    );
    expect(await there()).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('disk-1.qcow2 is there already') as unknown,
    });
    expect(await host().sh(`cat ${pathOf('exported/disk-1.qcow2')}`)).toBe('mine');
  });

  it('leaves nothing where its bytes are others, the disk is full, or plow is interrupted', async () => {
    expect((await imported('whole.raw', 'whole', '--image-version', '1')).code).toBe(0);
    const small = '/run/small';
    await host().sh(`mkdir ${small}; mount -t tmpfs -o size=1m none ${small}`);
    const full = await exported('whole', `${small}/a.raw`);
    const inSmall = await left(small);
    await host().sh(`umount ${small}; rmdir ${small}`);
    expect(full).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('no space is left on this machine') as unknown,
    });
    expect(inSmall).toBe('');
    const stopped = await host().plowInShell(`"$@" image export whole ${pathOf('exported/b.raw')} & plow=$!
      until ls -A ${pathOf('exported')} | grep -q part; do :; done; kill -INT $plow; wait $plow`);
    expect(stopped).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('nothing of it was left here') as unknown,
    });
    await host().sh(`printf x | dd of=${STORE}/whole-1.raw bs=1 seek=40000000 conv=notrunc status=none`);
    expect(await exported('whole', pathOf('exported/c.raw'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not as it was pulled') as unknown,
    });
    expect(await left(pathOf('exported'))).toBe('');
  });
});

it('is listed without a record where it has none; what is left of a pull goes with gc, and with prune', async () => {
  await host().sh(`cp ${pathOf('disk.qcow2')} ${pathOf('exported/brought.qcow2')}`);
  const upload = await host().write(
    vm({ boot_disk: { image: pathOf('exported/brought.qcow2').replace(host().files, '.'), size_gb: 1 } }),
  );
  expect((await host().plow(['create', '--upload', upload])).code).toBe(0);
  expect((await imported('whole.raw', 'half', '--image-version', '1')).code).toBe(0);
  expect((await imported('whole.raw', 'gone', '--image-version', '1')).code).toBe(0);
  const [gone, half, brought] = await listed();
  expect(gone).toMatchObject({ name: 'gone', status: 'ready' });
  expect(half).toMatchObject({ name: 'half', status: 'ready' });
  expect(brought).toMatchObject({
    name: null,
    status: 'no record',
    format: 'qcow2',
    capacity_bytes: 64 * MIB,
    used_by: ['web'],
  });
  const { stdout } = await host().plow(['image', 'list']);
  expect(stdout).toMatch(/^- +- +no record +qcow2 .* web +\S+\/brought-\S+$/mu);
  await host().discard('web');
  await host().sh(`cd ${STORE}; rm gone-1.raw
    sed -i 's/"status": "ready"/"status": "removing"/' half-1.raw.plow.json
    touch -d '2 days ago' *`);
  // Nobody can set when a file was changed: a file that came there just now is young for gc.
  expect((await host().plow(['gc', '-o', 'json'])).stdout).toContain('"status":"stays"');
  const shown = await host().plow(['gc', '--older-than', '0s']);
  expect(shown.stdout).toContain(`goes:  image ${STORE}/gone-1.raw.plow.json`);
  expect(shown.stdout).toContain(`goes:  image ${STORE}/half-1.raw (`);
  expect((await host().plow(['image', 'prune', '--yes'])).stdout).toContain('Removed half@1: ');
  expect((await host().plow(['gc', '--older-than', '0s', '--delete', '--yes'])).code).toBe(0);
  expect(await left()).toMatch(/^brought-[0-9a-f]{32}\.qcow2$/u);
});
