import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const PLACE = `${IMAGES}/plow.images`;
const MIB = 2 ** 20;
/** With data in three windows, zeros between them and at its end. */
const BIG = `truncate -s 180M big.raw; { head -c 510 /dev/zero; printf '\\125\\252'; } | dd of=big.raw conv=notrunc status=none
  head -c 100M /dev/urandom | dd of=big.raw bs=1M seek=1 conv=notrunc status=none
  head -c 15M /dev/urandom | dd of=big.raw bs=1M seek=150 conv=notrunc status=none`;

const big = (changes: object = {}): object =>
  vm({ boot_disk: { image: './big.raw', size_gb: 1 }, ...changes });
const tiny = (changes: object = {}): object =>
  vm({ boot_disk: { image: './tiny.qcow2', size_gb: 1 }, ...changes });

beforeAll(async () => {
  await host().sh(`cd ${host().files}; cp ${IMAGES}/tiny.qcow2 .; ${BIG}`);
});
afterEach(async () => {
  await host().sh(`rm -rf ${PLACE}`);
});

const files = (): Promise<string> => host().sh(`ls ${PLACE} 2> /dev/null || true`);
const upload = (...words: readonly string[]): Promise<Finished> =>
  host().plow(['create', '--upload', ...words]);

async function digestOf(file: string): Promise<string> {
  return (await host().sh(`sha256sum ${file}`)).split(' ')[0] ?? '';
}

async function pathOf(file: string): Promise<string> {
  const [, stem = '', ending = ''] = /^(.*)\.(.*)$/u.exec(file) ?? [];
  return `${PLACE}/${stem}-${(await digestOf(`${host().files}/${file}`)).slice(0, 32)}.${ending}`;
}

/**
 * Begins to bring the large image, and stops plow, which is $!, when more than one window is there; then
 * `script`.
 */
async function stopped(script: string): Promise<Finished> {
  const file = await host().write(big());
  return host().plowInShell(`set -m
    "$@" create --upload ${file} & set +m
    until [ "$(stat -c %s ${PLACE}/*.raw 2> /dev/null || echo 0)" -gt ${80 * MIB} ]; do :; done; kill -STOP $!
    ${script}`);
}

describe('an image of this machine', () => {
  it('is brought, once, and the VM stands on it there', async () => {
    const path = await pathOf('tiny.qcow2');
    const file = await host().write(tiny());
    const first = await upload(file);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^✓ Image brought to \S+ \(380 KiB in \S+\)\n/u);
    expect(first.stdout).toContain(`Image brought to ${path} `);
    expect(first.stdout.endsWith(created('web'))).toBe(true);
    expect(await host().sh(`stat -c '%a %U' ${path} ${PLACE}`)).toBe('644 root\n711 root');
    expect(await digestOf(path)).toBe(await digestOf(`${host().files}/tiny.qcow2`));
    expect((await host().plow(['export', 'web'])).stdout).toContain(`image: ${path}`);
    await host().discard('web');

    // Another file with the same bytes, named by two VM files.
    const before = await host().sh(`stat -c '%i %y' ${path}`);
    await host().sh(`cd ${host().files}; cp tiny.qcow2 copy.img`);
    const copy = { boot_disk: { image: './copy.img', size_gb: 1 } };
    const one = await host().write(tiny(copy));
    const other = await host().write(
      tiny({
        ...copy,
        name: 'db',
        network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
      }),
      'db.yaml',
    );
    expect(await upload(one, other)).toEqual({
      code: 0,
      stdout: `✓ Image ${path} is there already\n${created('web')}${created('db')}`,
      stderr: '',
    });
    expect(await host().sh(`stat -c '%i %y' ${path}`)).toBe(before);
    expect(await files()).toBe(path.slice(PLACE.length + 1));
    await host().discard('web');
    await host().discard('db');
  });

  it('is brought with its zeros as holes', async () => {
    const path = await pathOf('big.raw');
    const file = await host().write(big());
    expect(await upload(file)).toMatchObject({ code: 0 });
    expect(await digestOf(path)).toBe(await digestOf(`${host().files}/big.raw`));
    const kib = Number(await host().sh(`du -k ${path} | cut -f1`));
    expect(kib).toBeLessThan(118 * 1024);
    await host().discard('web');
  });

  it('is no image without --upload, and has to lie where other files may', async () => {
    const file = await host().write(tiny());
    const words =
      'is a file of this machine: --upload brings it to the hypervisor; or give the path of an image there';
    expect(await host().plow(['create', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`boot_disk.image: "./tiny.qcow2" ${words}`) as unknown,
    });
    const outside = await host().write(tiny({ boot_disk: { image: '../tiny.qcow2', size_gb: 1 } }));
    expect(await upload(outside)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`"../tiny.qcow2" is not below this file's own directory`) as unknown,
    });
    await host().sh(`cd ${host().files}; ln -sf /etc/shadow link.qcow2`);
    const link = await host().write(tiny({ boot_disk: { image: './link.qcow2', size_gb: 1 } }));
    expect((await upload(link)).stderr).toContain(`"./link.qcow2" is not below this file's own directory`);
    expect(await files()).toBe('');
  });

  it('is looked at before a byte of it is sent', async () => {
    const make: Readonly<Record<string, string>> = {
      'backing.qcow2': 'qemu-img create -u -q -f qcow2 -F raw -b /etc/shadow $0 1M',
      'data.qcow2': 'qemu-img create -q -f qcow2 -o data_file=/run/data $0 1M; rm /run/data',
      'page.img': "echo '<html>' > $0; truncate -s 4096 $0",
      'cut.qcow2': 'qemu-img convert -f raw -O qcow2 big.raw $0; truncate -s 60M $0',
      'head.qcow2': 'head -c 100 tiny.qcow2 > $0',
      'large.qcow2': 'qemu-img create -q -f qcow2 $0 2G',
    };
    const problems: Record<string, string> = {};
    for (const [name, command] of Object.entries(make)) {
      await host().sh(`cd ${host().files}; ${command.replaceAll('$0', name)}`);
      const file = await host().write(vm({ boot_disk: { image: `./${name}`, size_gb: 1 } }));
      const { code, stderr } = await upload(file);
      expect({ name, code }).toEqual({ name, code: 2 });
      expect((await host().plow(['validate', file])).stderr).toContain('boot_disk');
      problems[name] = stderr.replace(/^error: \S+ /u, '').trimEnd();
    }
    expect(problems).toEqual({
      'backing.qcow2':
        'boot_disk.image: ./backing.qcow2 is itself an overlay on /etc/shadow: a base image must stand alone',
      'data.qcow2': expect.stringContaining('whose data are in another file') as unknown,
      'page.img': 'boot_disk.image: ./page.img is a web page, not a disk image: the download went wrong',
      'cut.qcow2': expect.stringContaining('./cut.qcow2 is cut off') as unknown,
      'head.qcow2': expect.stringContaining('its qcow2 header is cut off') as unknown,
      'large.qcow2': 'boot_disk.size_gb: 1 GiB is smaller than the image (2 GiB): give at least 2',
    });
    expect(await files()).toBe('');
  });

  it('is not sent for a VM that cannot be made, nor by a dry run', async () => {
    const path = await pathOf('tiny.qcow2');
    const file = await host().write(
      tiny({ network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br7' }] }),
    );
    const refused = await upload(file);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('br7');
    const sound = await host().write(tiny());
    const told = await upload('--dry-run', sound);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain(`./tiny.qcow2: to ${path}, 384 KiB of 384 KiB`);
    const { stdout } = await upload('--dry-run', '-o', 'json', sound);
    expect(JSON.parse(stdout)).toMatchObject({
      upload: { file: './tiny.qcow2', path, bytes: 393_216, send_bytes: 393_216, there: 'nothing' },
    });
    expect((await host().plow(['validate', '--on-host', sound])).stderr).toMatch(/1 valid/u);
    expect(await files()).toBe('');
  });
});

describe('an upload that breaks off', () => {
  it('leaves nothing that can be used when it is killed, and is gone on with', async () => {
    const path = await pathOf('big.raw');
    expect(await stopped('kill -KILL $!; wait $!')).toMatchObject({ code: 137 });
    const used = await host().write(vm({ boot_disk: { image: path, size_gb: 1 } }), 'used.yaml');
    expect((await host().plow(['create', used])).stderr).toContain('is not a disk image');
    const gc = await host().plow(['gc', '--older-than', '0']);
    expect(gc.stdout).toContain(`goes:  upload ${path}`);
    expect((await host().plow(['gc'])).stdout).toContain(`stays: upload ${path}`);

    const file = await host().write(big());
    const { code, stdout } = await upload(file);
    expect(code).toBe(0);
    const [, sent = '0'] = /\((?<mib>[\d.]+) MiB in /u.exec(stdout) ?? [];
    // From the second window on.
    expect(Number(sent)).toBe(52);
    expect(await digestOf(path)).toBe(await digestOf(`${host().files}/big.raw`));
    expect((await host().plow(['gc', '--older-than', '0'])).stdout).not.toContain('upload');
    await host().discard('web');
  });

  it('is removed by gc', async () => {
    await stopped('kill -KILL $!; wait $!');
    expect(await host().plow(['gc', '--delete', '--yes', '--older-than', '0'])).toMatchObject({ code: 0 });
    expect(await files()).toBe('');
  });

  it('says in one line what an interruption leaves', async () => {
    const { code, stderr } = await stopped('kill -INT $!; kill -CONT $!; wait $!');
    expect(code).toBe(130);
    const last = stderr.trimEnd().split('\n').at(-1);
    expect(last).toMatch(
      /^interrupted by SIGINT: \d\d% of the image is there, and the same command goes on with it \(plow gc shows it\)$/u,
    );
    expect(await files()).toMatch(/^big-[0-9a-f]{32}\.raw$/u);
  });

  // On a busy machine all may be sent before the shell comes to stop plow.
  it('ends where the file is changed meanwhile, and leaves nothing', { retry: 3 }, async () => {
    const { code, stderr } = await stopped(
      `cp ${host().files}/big.raw ${host().files}/kept; printf changed | dd of=${host().files}/big.raw bs=1M seek=160 conv=notrunc status=none
      kill -CONT $!; wait $!`,
    );
    await host().sh(`cd ${host().files}; mv kept big.raw`);
    expect(code).toBe(5);
    expect(stderr).toContain('./big.raw has changed since it was looked at');
    expect(await files()).toBe('');
  });

  it('leaves nothing on a disk that is full, before it begins or half way', async () => {
    const small = '/run/small';
    const on = ['--storage-path', small, 'create', '--upload'];
    await host().sh(`mkdir -p ${small}; mount -t tmpfs -o size=100m,mode=711 none ${small}`);
    const file = await host().write(big());
    const early = await host().plow([...on, file]);
    expect(early.stderr).toContain(`the file system of ${small}/plow.images has 100 MiB free`);
    expect(await host().sh(`ls ${small}/plow.images`)).toBe('');
    await host().sh(`mount -o remount,size=150m ${small}`);
    const late = await host().plowInShell(`set -m
      "$@" ${on.join(' ')} ${file} & set +m
      until [ "$(stat -c %s ${small}/plow.images/*.raw 2> /dev/null || echo 0)" -gt ${80 * MIB} ]; do :; done
      kill -STOP $!; head -c 140M /dev/zero > ${small}/fill || true; kill -CONT $!; wait $!`);
    expect(late.code).toBe(5);
    expect(late.stderr).toContain('no space or no inode is left there');
    expect(await host().sh(`ls ${small}/plow.images; umount ${small}`)).toBe('');
  });
});

describe('two who bring one image at the same time', () => {
  // Where both begin at the very same moment both may send all of it: the image is right, and why is not known.
  it('send it once', { retry: 3 }, async () => {
    const path = await pathOf('big.raw');
    const one = await host().write(big());
    const other = await host().write(
      big({
        name: 'db',
        network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
      }),
      'db.yaml',
    );
    const { code, stdout } = await host().plowInShell(
      `"$@" create --upload ${one} > /run/one & "$@" create --upload ${other} > /run/two; code=$?
      wait $! && cat /run/one /run/two; rm /run/one /run/two; exit $code`,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("Successfully created VM 'web'");
    expect(stdout).toContain("Successfully created VM 'db'");
    expect(await files()).toBe(path.slice(PLACE.length + 1));
    expect(await digestOf(path)).toBe(await digestOf(`${host().files}/big.raw`));
    const sent = [...stdout.matchAll(/\((?<mib>[\d.]+) MiB in /gu)].map(([, mib]) => Number(mib));
    expect(sent.reduce((sum, mib) => sum + mib, 0)).toBeLessThan(180);
    await host().discard('web');
    await host().discard('db');
  });

  it('get it whole where one is taken for dead, and lives on', async () => {
    const path = await pathOf('big.raw');
    const file = await host().write(
      big({ name: 'db', network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }] }),
      'db.yaml',
    );
    const { code, stdout } = await stopped(
      `"$@" create --upload ${file} & sleep 7; kill -CONT %1; wait %1; first=$?; wait; echo "exit code $first"`,
    );
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^exit code 0$/mu) as unknown,
    });
    expect(await digestOf(path)).toBe(await digestOf(`${host().files}/big.raw`));
    expect(stdout).toContain("Successfully created VM 'db'");
    await host().discard('web');
    await host().discard('db');
  });

  it('do not notice each other where what is there is something else', async () => {
    const path = await pathOf('tiny.qcow2');
    await host().sh(`mkdir -m 711 ${PLACE}; echo other > ${path}`);
    const file = await host().write(tiny());
    const { code, stderr } = await upload(file);
    expect(code).toBe(5);
    expect(stderr).toContain(`${path} is there, and is not what ./tiny.qcow2 is`);
    expect(await readFile(file, 'utf8')).toContain('./tiny.qcow2');
    expect(await host().sh(`cat ${path}`)).toBe('other');
  });
});
