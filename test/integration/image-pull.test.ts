import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageDocument } from '../../src/documents/images/image-schema.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const PORT = 8099;
const SERVER = fileURLToPath(new URL('web-server.mjs', import.meta.url));
const STORE = `${IMAGES}/plow.images`;

/** A qcow2 image of some MiB, packed in each way, and its digests. */
async function files(): Promise<Readonly<Record<string, string>>> {
  const directory = host().files;
  await writeFile(join(directory, 'data'), randomBytes(3 * 2 ** 20));
  await host().sh(`cd ${directory}
    qemu-img create -q -f raw whole.raw 64M
    printf 'U\\252' | dd of=whole.raw bs=1 seek=510 conv=notrunc status=none
    dd if=data of=whole.raw bs=1M seek=20 conv=notrunc status=none
    qemu-img convert -f raw -O qcow2 whole.raw disk.qcow2
    xz -k -T1 -1 disk.qcow2; gzip -k disk.qcow2; zstd -q -k disk.qcow2; xz -k -1 whole.raw
    qemu-img create -q -f qcow2 -b /etc/passwd -F raw stolen.qcow2 1M`);
  const found: Record<string, string> = {};
  for (const name of [
    'disk.qcow2',
    'disk.qcow2.xz',
    'disk.qcow2.gz',
    'disk.qcow2.zst',
    'whole.raw',
    'whole.raw.xz',
    'stolen.qcow2',
  ])
    found[name] = createHash('sha256')
      .update(await readFile(join(directory, name)))
      .digest('hex');
  return found;
}

let digests: Readonly<Record<string, string>> | undefined;
beforeEach(async () => {
  digests ??= await files();
  await host().sh(`cd ${host().files}
    setsid ${process.execPath} ${SERVER} . ${PORT} > served 2>&1 & echo $! > server.pid
    until grep -q ready served; do sleep 0.05; done`);
});
// Before what was left is counted.
afterEach(() => host().sh(`kill "$(cat ${host().files}/server.pid)"; rm -rf ${STORE}`));

const url = (path: string): string => `http://127.0.0.1:${PORT}/${path}`;
const pull = (
  path: string,
  name: string,
  digest = digests?.[path],
): ReturnType<ReturnType<typeof host>['plow']> =>
  host().plow(['image', 'pull', url(path), '--name', name, '--checksum', `sha256:${digest}`]);

/** Files there, and whether any of them passes for an image that has no record that says so. */
async function left(): Promise<string> {
  return host().sh(`ls -A ${STORE} 2> /dev/null || true`);
}

describe('an image that is pulled', () => {
  it.each(['disk.qcow2', 'disk.qcow2.xz', 'disk.qcow2.gz', 'disk.qcow2.zst'])(
    'from %s has all its bytes, and a VM stands on it by its name',
    async (file) => {
      const { code, stdout } = await pull(file, 'disk');
      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('disk@') as unknown,
      });
      const listed = await host().plow(['image', 'list', '-o', 'json']);
      const [image] = listed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => imageDocument.parse(JSON.parse(line)));
      expect(image).toMatchObject({
        name: 'disk',
        status: 'ready',
        format: 'qcow2',
        downloaded: `sha256:${digests?.[file]}`,
        content: `sha256:${digests?.['disk.qcow2']}`,
        capacity_bytes: 64 * 2 ** 20,
        used_by: [],
      });
      const path = image?.path ?? '';
      expect(await host().sh(`sha256sum < ${path}`)).toContain(digests?.['disk.qcow2'] ?? 'none');
      await host().sh(`qemu-img check -q ${path}`);
      expect((await host().create(vm({ boot_disk: { image: 'disk', size_gb: 1 } }))).code).toBe(0);
      const used = await host().plow(['image', 'list', '-o', 'json']);
      expect(JSON.parse(used.stdout)).toMatchObject({ used_by: ['web'] });
      const removed = await host().plow(['image', 'remove', '--yes', 'disk']);
      expect(removed.code).toBe(4);
      expect(removed.stderr).toContain(`VM 'web' stands on ${path}`);
      await host().discard('web');
      expect((await host().plow(['image', 'remove', '--yes', 'disk'])).code).toBe(0);
      expect(await left()).toBe('');
    },
  );

  it('takes no room for its zeros, and stays the same bytes', async () => {
    expect((await pull('whole.raw', 'whole')).code).toBe(0);
    const [, allocated] = (await host().sh(`stat -c '%s %b' ${STORE}/*.raw`)).split(' ');
    expect(Number(allocated) * 512).toBeLessThan(8 * 2 ** 20);
    await host().sh(`cmp ${STORE}/*.raw ${host().files}/whole.raw`);
  });

  it('is gone on with where the line breaks', async () => {
    const { code } = await pull('cut-1500000/disk.qcow2', 'disk', digests?.['disk.qcow2']);
    expect(code).toBe(0);
    await host().sh(`cmp ${STORE}/*.qcow2 ${host().files}/disk.qcow2`);
  });

  it('is there already where it was pulled before', async () => {
    expect((await pull('disk.qcow2', 'disk')).code).toBe(0);
    await host().sh(`kill "$(cat ${host().files}/server.pid)"`);
    const { code, stdout } = await pull('disk.qcow2', 'disk');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('there already') as unknown,
    });
    await host().sh(`setsid sleep 60 > /dev/null 2>&1 & echo $! > ${host().files}/server.pid`);
  });
});

it('is pulled by a name of the settings file, which says what proves it', async () => {
  const settings = join(host().files, 'plow.yaml');
  const sums = `${digests?.['disk.qcow2.xz']}  disk.qcow2.xz\n`;
  await writeFile(join(host().files, 'SHA256SUMS'), sums);
  const images = {
    own: {
      download_url: url('disk.qcow2.xz'),
      checksum_value: `sha256:${digests?.['disk.qcow2.xz']}`,
      format: 'qcow2',
      filename: 'own.qcow2',
    },
  };
  await writeFile(settings, JSON.stringify({ images }));
  const run = (...argv: readonly string[]): ReturnType<ReturnType<typeof host>['plow']> =>
    host().plow(['--config', settings, 'image', ...argv]);
  expect((await run('catalog')).stdout).toMatch(/^own +x86_64 +no/mu);
  const planned = await run('pull', '--dry-run', 'own');
  expect(planned.stdout).toContain(`from    ${url('disk.qcow2.xz')}`);
  expect(await left()).toBe('');
  expect((await run('pull', 'own')).code).toBe(0);
  await host().sh(`cmp ${STORE}/own.qcow2 ${host().files}/disk.qcow2`);
  expect((await run('pull', 'own')).stdout).toContain('there already');
  // A newer build is another file, whatever it is to be called.
  const newer = { ...images.own, download_url: url('disk.qcow2.gz') };
  const digest = digests?.['disk.qcow2.gz'] ?? '';
  const moved = { own: { ...newer, checksum_value: `sha256:${digest}` } };
  await writeFile(settings, JSON.stringify({ images: moved }));
  expect((await run('pull', 'own')).stdout).toContain(`${STORE}/own-${digest.slice(0, 8)}.qcow2`);
  const wrong = { own: { ...images.own, checksum_value: `sha256:${'b'.repeat(64)}` } };
  await writeFile(settings, JSON.stringify({ images: wrong }));
  const other = await run('pull', 'own');
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('another file') as unknown });
});

it('is verified by its bytes, and pruned once a newer one is there', async () => {
  const versioned = (version: string, path: string): ReturnType<ReturnType<typeof host>['plow']> => {
    const checksum = `sha256:${digests?.[path]}`;
    return host().plow([
      'image',
      'pull',
      url(path),
      '--name',
      'a',
      '--checksum',
      checksum,
      '--image-version',
      version,
    ]);
  };
  expect((await versioned('1', 'disk.qcow2')).code).toBe(0);
  expect((await host().plow(['image', 'verify', 'a'])).code).toBe(0);
  expect((await versioned('2', 'disk.qcow2.gz')).code).toBe(0);
  expect(await host().plow(['image', 'prune'])).toMatchObject({
    code: 4,
    stderr: 'error: nothing was removed: 1 would go\nhint: plow image prune --yes removes them\n',
  });
  expect((await host().plow(['image', 'prune', '--yes'])).stdout).toContain('Removed a@1: ');
  expect(
    (await host().plow(['image', 'list', '-o', 'json'])).stdout.match(/"image_version":"2"/gu),
  ).toHaveLength(1);
  await host().sh(`printf changed | dd of=${STORE}/a-2.qcow2 bs=1 seek=400000 conv=notrunc status=none`);
  const spoilt = await host().plow(['image', 'verify', 'a']);
  expect(spoilt).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not as it was pulled') as unknown,
  });
});

describe('nothing is left', () => {
  it.each([
    ['of another digest', 'disk.qcow2', 'a'.repeat(64), 2, 'is another file: it has sha256:'],
    ['of a page', 'page/disk.qcow2', 'a'.repeat(64), 2, 'is a web page'],
    ['of one that stands on a file of the hypervisor', 'stolen.qcow2', undefined, 2, 'overlay'],
    ['of one that is not there', 'none.qcow2', 'a'.repeat(64), 5, '404'],
  ])('%s', async (_, path, digest, exit, words) => {
    const { code, stderr } = await pull(path, 'disk', digest);
    expect({ code, stderr }).toMatchObject({ code: exit, stderr: expect.stringContaining(words) as unknown });
    expect(await left()).toBe('');
  });

  it('that passes for an image where plow is killed, and the next pull takes it over', async () => {
    const argv = [
      'image',
      'pull',
      url('whole.raw.xz'),
      '--name',
      'whole',
      '--checksum',
      `sha256:${digests?.['whole.raw.xz']}`,
    ];
    await host().plowInShell(
      `"$@" ${argv.join(' ')} > /dev/null 2>&1 & until ls ${STORE}/*.raw > /dev/null 2>&1; do :; done; kill -KILL $!; wait $! || true`,
    );
    expect(await host().sh(`head -c 4096 ${STORE}/*.raw | tr -d '\\000' | wc -c`)).toBe('0');
    expect(await host().plow(argv)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('was killed a moment ago') as unknown,
    });
    await host().sh(`touch -d '1 hour ago' ${STORE}/*`);
    expect(await host().plow(argv)).toMatchObject({ code: 0 });
    await host().sh(`cmp ${STORE}/*.raw ${host().files}/whole.raw`);
  });
});
