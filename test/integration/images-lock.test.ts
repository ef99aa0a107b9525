import { createHash } from 'node:crypto';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { updateDocument } from '../../src/documents/images/update-schema.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const PORT = 8098;
const SERVER = fileURLToPath(new URL('web-server.mjs', import.meta.url));
const STORE = `${IMAGES}/plow.images`;
const FIRST = '20260101';
const SECOND = '20260202-7';

const path = (name: string): string => join(host().files, name);
const lockText = (): Promise<string> => readFile(path('images.lock'), 'utf8');
const url = (version: string): string => `http://127.0.0.1:${PORT}/own-${version}.qcow2.gz`;

async function digest(file: string): Promise<string> {
  return `sha256:${createHash('sha256')
    .update(await readFile(path(file)))
    .digest('hex')}`;
}

/** Two builds of an image, and a server that has both. */
beforeEach(async () => {
  const make = [FIRST, SECOND].map(
    (version, index) => `qemu-img create -q -f qcow2 own-${version}.qcow2 ${index + 1}M
      gzip -k own-${version}.qcow2`,
  );
  await host().sh(`cd ${host().files}
    ${make.join('\n')}
    setsid ${process.execPath} ${SERVER} . ${PORT} > served 2>&1 & echo $! > server.pid
    until grep -q ready served; do sleep 0.05; done`);
  await publish(FIRST);
});
afterEach(() =>
  host().sh(
    `cd ${host().files}; kill "$(cat server.pid)"; rm -rf ${STORE} own-* images.lock plow.json vm.yaml vms`,
  ),
);

/** Has the publisher say that a build is the newest. */
async function publish(version: string, name = 'own'): Promise<void> {
  const own = {
    download_url: url(version),
    checksum_value: await digest(`own-${version}.qcow2.gz`),
    format: 'qcow2',
  };
  await writeFile(path('plow.json'), JSON.stringify({ images: { [name]: own } }));
}

/** Runs plow in the directory of the lock. */
function plow(...words: readonly string[]): Promise<Finished> {
  const line = words.map((word) => `'${word}'`).join(' ');
  return host().plowInShell(`cd ${host().files} && "$@" --config plow.json ${line}`);
}

const updated = (...words: readonly string[]): Promise<Finished> => plow('image', 'update', ...words);
const stored = (): Promise<string> => host().sh(`ls ${STORE} 2> /dev/null | grep -v json || true`);
const ofOwn = (version?: string): object =>
  vm({ boot_disk: { image: version === undefined ? 'own' : `own@${version}`, size_gb: 1 } });

/** The image that the VM stands on. */
async function base(): Promise<string> {
  const documents = await host().sh(`qemu-img info -U --output=json ${IMAGES}/web/boot.qcow2`);
  return String((JSON.parse(documents) as Record<string, unknown>)['backing-filename']);
}

describe('a lock', () => {
  it('is begun, moves from one build to the next, and create takes what it has', async () => {
    expect(await updated()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no lock of images images.lock') as unknown,
    });
    const begun = await updated('own');
    expect(begun).toMatchObject({ code: 0, stderr: '' });
    expect(begun.stdout).toContain(`✓ images.lock has own@${FIRST} now (new in it)`);
    const first = await lockText();
    expect(first.split('\n')).toStrictEqual([
      expect.stringMatching(/^# /u),
      '',
      'images:',
      '  own:',
      '    x86_64:',
      `      version: "${FIRST}"`,
      `      url: ${url(FIRST)}`,
      '      format: qcow2',
      `      content: ${await digest(`own-${FIRST}.qcow2`)}`,
      `      downloaded: ${await digest(`own-${FIRST}.qcow2.gz`)}`,
      '',
    ]);
    expect(await updated('--check')).toMatchObject({ code: 0, stdout: `own: ${FIRST} is the newest\n` });
    expect((await updated()).stdout).toContain(`own@${FIRST} is the newest, and what images.lock has`);
    expect(await lockText()).toBe(first);

    await publish(SECOND);
    expect(await updated('--check')).toMatchObject({
      code: 1,
      stdout: `own: ${FIRST} -> ${SECOND}\n`,
      stderr: expect.stringContaining('error: images.lock is behind: own\n') as unknown,
    });
    const planned = await updated('--dry-run');
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toMatch(`own: ${FIRST} -> ${SECOND}, which would be pulled, `);
    expect(await lockText()).toBe(first);
    expect(await stored()).toBe(`own-${FIRST}.qcow2`);

    // A newer one that is there is not what the lock means.
    expect((await plow('image', 'pull', 'own')).code).toBe(0);
    const file = await host().write(ofOwn());
    expect(await plow('validate', '--on-host', file)).toMatchObject({ code: 0 });
    expect((await plow('create', '--dry-run', file)).stdout).toContain(`own-${FIRST}.qcow2`);
    expect(await plow('create', file)).toMatchObject({ code: 0, stderr: '' });
    expect(await base()).toBe(`${STORE}/own-${FIRST}.qcow2`);
    await host().discard('web');

    expect(await updated('-o', 'json')).toMatchObject({ code: 0, stderr: '' });
    const second = await lockText();
    expect(second).toBe(
      first
        .replaceAll(`"${FIRST}"`, SECOND)
        .replaceAll(FIRST, SECOND)
        .replace(/content: .*/u, `content: ${await digest(`own-${SECOND}.qcow2`)}`)
        .replace(/downloaded: .*/u, `downloaded: ${await digest(`own-${SECOND}.qcow2.gz`)}`),
    );
    await host().given(ofOwn());
    expect(await base()).toBe(`${STORE}/own-${SECOND}.qcow2`);
    await host().discard('web');
    expect(await updated('--check')).toMatchObject({ code: 0 });

    // Its publisher tells of the older one once more, as a mirror may.
    await publish(FIRST);
    expect((await updated()).stderr).toContain(`own is left as it is: the publisher's newest is ${FIRST}`);
    expect(await lockText()).toBe(second);
  });

  it('says what brings exactly what it has, whatever is the newest now', async () => {
    await updated('own');
    await host().sh(`rm -r ${STORE}`);
    await publish(SECOND);
    await plow('image', 'pull', 'own');
    const file = await host().write(ofOwn());
    const words = `boot_disk.image: own is own@${FIRST} in images.lock, which is not on the hypervisor (plow image pull own@${FIRST} brings it)`;
    for (const argv of [['create'], ['validate', '--on-host'], ['create', '--dry-run']])
      expect(await plow(...argv, 'vm.yaml')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(words) as unknown,
      });
    const elsewhere = await host().plow(['create', file]);
    expect(elsewhere.stderr).toContain(
      `(plow image pull --images-lock ${path('images.lock')} own@${FIRST} brings it)`,
    );
    expect(await plow('image', 'pull', `own@${SECOND}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`images.lock has own@${FIRST} for x86_64`) as unknown,
    });
    expect(await plow('image', 'pull', `own@${FIRST}`)).toMatchObject({ code: 0 });
    expect(await plow('create', 'vm.yaml')).toMatchObject({ code: 0 });
    expect(await base()).toBe(`${STORE}/own-${FIRST}.qcow2`);
    await host().discard('web');
    // Another image that is called the same is not it.
    await host().sh(
      `rm ${STORE}/own-${FIRST}*; cp ${path(`own-${SECOND}.qcow2.gz`)} ${path(`own-${FIRST}.qcow2.gz`)}`,
    );
    expect(await plow('image', 'pull', `own@${FIRST}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is another file') as unknown,
    });
    expect(await stored()).toBe(`own-${SECOND}.qcow2`);
  });

  it('keeps what went well where another fails', async () => {
    const lock = await updated('none', 'own', 'nothing');
    expect(lock).toMatchObject({ code: 1 });
    expect(lock.stderr).toContain('of 3 images 2 failed: none, nothing');
    expect(await lockText()).toContain(`version: "${FIRST}"`);
    const before = await lockText();
    await publish(SECOND);
    await host().sh(`cd ${host().files}; echo no > own-${SECOND}.qcow2.gz`);
    const failed = await updated('-o', 'json');
    expect(failed.code).toBe(2);
    const told = updateDocument.parse(JSON.parse(failed.stdout));
    expect(told).toMatchObject({ name: 'own', status: 'failed', from: FIRST, error: { kind: 'validation' } });
    expect(await lockText()).toBe(before);
    expect(await host().sh(`ls -A ${host().files}`)).not.toContain('.images.lock');
  });
});

describe('a VM file', () => {
  it('that says another version than the lock is refused at the key, and one that is not in it is told of', async () => {
    await updated('own');
    await host().write(ofOwn(SECOND));
    for (const argv of [['create'], ['validate']])
      expect(await plow(...argv, 'vm.yaml')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          new RegExp(
            `vm\\.yaml:\\d+:\\d+: boot_disk\\.image: own@${SECOND} is not the version of images\\.lock, which has ${FIRST}`,
            'u',
          ),
        ) as unknown,
      });
    await host().write(vm({ boot_disk: { image: 'other', size_gb: 1 } }));
    expect(await plow('validate', 'vm.yaml')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        'other is not in images.lock: the newest on the hypervisor is taken',
      ) as unknown,
    });
    expect(await updated('--check')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('images.lock does not have other') as unknown,
    });
  });

  it('finds no lock further up, nor through standard input, but the one that is named', async () => {
    await updated('own');
    await publish(SECOND);
    await plow('image', 'pull', 'own');
    await host().sh(`mkdir ${path('vms')}`);
    await host().write(ofOwn(), 'vms/web.yaml');
    const shown = async (words: string): Promise<string> =>
      (await host().plowInShell(`cd ${host().files} && "$@" create --dry-run ${words}`)).stdout;
    expect(await shown('vms')).toContain(`own-${SECOND}.qcow2`);
    expect(await shown('- < vms/web.yaml')).toContain(`own-${SECOND}.qcow2`);
    expect(await shown('--images-lock images.lock vms')).toContain(`own-${FIRST}.qcow2`);
    expect(await shown('--images-lock images.lock - < vms/web.yaml')).toContain(`own-${FIRST}.qcow2`);
  });
});

/** A lock of one build. */
const lock = (text: string): string => `images: { own: { x86_64: { ${text} } } }\n`;

describe('a hostile lock', () => {
  const digits = 'a'.repeat(64);
  const build = `version: '1', url: 'https://example.com/a.qcow2', format: qcow2, content: 'sha256:${digits}'`;

  it.each([
    ['that is no YAML', 'images: [', 'images.lock:1:10: not valid YAML'],
    ['with a circle', 'images: &a { own: { x86_64: *a } }', 'images.lock:1:29: '],
    ['with aliases', `images: { own: { x86_64: &a { ${build} }, aarch64: *a } }`, 'a lock has no aliases'],
    ['with md5', lock(build.replace(`sha256:${digits}`, 'a'.repeat(32))), 'md5 proves nothing'],
    [
      'with half a digest',
      lock(build.replace(digits, 'a'.repeat(63))),
      'own.x86_64.content: must have 64 digits',
    ],
    [
      'with an address that anybody can change',
      lock(build.replace('https', 'http')),
      'own.x86_64.url: over http://',
    ],
    ['with a password', lock(build.replace('//', '//a:b@')), 'must not hold a user or password'],
    ['with a name that is a path', lock(build).replace('own', "'../own'"), 'takes a-z, digits'],
    ['with a version that is a path', lock(build.replace("'1'", "'../1'")), 'own.x86_64.version: takes a-z'],
    ['with another key', lock(`${build}, run: rm`), 'own.x86_64.run: unknown key'],
    ['that is too large', '#'.repeat(200_000), 'it is larger than 128 KiB'],
  ])('%s is refused with its place', async (_, text, words) => {
    await writeFile(path('images.lock'), text);
    await host().write(ofOwn());
    for (const argv of [
      ['create', 'vm.yaml'],
      ['validate', 'vm.yaml'],
      ['image', 'update', '--check'],
      ['image', 'update', 'own'],
    ])
      expect(await plow(...argv)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(words) as unknown,
      });
    expect(await readFile(path('images.lock'), 'utf8')).toBe(text);
  });

  it('of another user, of everybody, or that leads elsewhere is not taken', async () => {
    await host().write(ofOwn());
    await writeFile(path('images.lock'), lock(build));
    await host().sh(`chown 1234 ${path('images.lock')}`);
    const refused = async (words: string): Promise<void> => {
      for (const argv of [
        ['create', 'vm.yaml'],
        ['image', 'update', 'own'],
        ['image', 'pull', 'own@1'],
      ])
        expect(await plow(...argv)).toMatchObject({
          code: 1,
          stderr: expect.stringContaining(words) as unknown,
        });
    };
    await refused('it belongs to uid 1234, and nobody has named it');
    expect(await plow('validate', '--images-lock', 'images.lock', 'vm.yaml')).toMatchObject({ code: 0 });
    await host().sh(`chown 0 ${path('images.lock')}; chmod 666 ${path('images.lock')}`);
    await refused('everybody may write it');
    await rm(path('images.lock'));
    await symlink('/etc/shadow', path('images.lock'));
    await refused('a link leads to it out of its directory');
    await rm(path('images.lock'));
    await host().sh(`mkfifo ${path('images.lock')}`);
    await refused('it is not a regular file');
  });
});

describe('with --gate', () => {
  const GATE = ['--gate', '--bridge', 'br0', '--ip', '10.77.0.251/24', '--gateway', '10.77.0.11'];
  const gated = (...words: readonly string[]): Promise<Finished> => {
    const line = ['image', 'update', ...GATE, '--firmware', 'bios', ...words].join(' ');
    return host().plowInShell(`cd ${host().files} && "$@" --config plow.json ${line}`, {
      env: { PLOW_VIRT_TYPE: 'qemu' },
    });
  };

  it('what does not pass is there, and not in the lock; what has passed comes into it', async () => {
    const failed = await gated('--timeout', '2s', 'own');
    expect(failed).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`own@${FIRST} did not pass the gate`) as unknown,
    });
    expect(await stored()).toBe(`own-${FIRST}.qcow2`);
    expect(await host().sh(`ls ${path('images.lock')} 2> /dev/null || true`)).toBe('');
    // As a boot that is good writes it down.
    const passed = {
      result: 'passed',
      proof: null,
      bootSeconds: 20,
      plow: '0.1.0',
      at: '2026-11-28T10:00:00.000Z',
    };
    await host().sh(`node -e '
      const fs = require("fs"), file = process.argv[1];
      const record = { ...JSON.parse(fs.readFileSync(file)), gate: JSON.parse(process.argv[2]) };
      fs.writeFileSync(file, JSON.stringify(record).padEnd(4095) + "\\n");
    ' ${STORE}/own-${FIRST}.qcow2.plow.json '${JSON.stringify(passed)}'`);
    const kept = await gated('own');
    expect(kept).toMatchObject({ code: 0, stderr: '' });
    expect(kept.stdout).toContain(`own@${FIRST} has passed its gate before`);
    expect(await lockText()).toContain(FIRST);
  });

  it('is not half asked for', async () => {
    expect(await updated('--bridge', 'br0', 'own')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: --bridge goes with --gate') as unknown,
    });
    expect(await updated('--gate', 'own')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('needs an address that nobody has') as unknown,
    });
  });
});
