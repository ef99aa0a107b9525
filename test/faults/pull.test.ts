import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { IMAGES } from '../integration/vms.ts';
import { INJECTED, plowWith, tells } from './faulty.ts';
import { unless } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';

const host = useHost();
const PORT = 8097;
const SERVER = fileURLToPath(new URL('../integration/web-server.mjs', import.meta.url));
const STORE = `${IMAGES}/plow.images`;
const KILLED = 137;
/** What the web gives in one piece at most. */
const CHUNK = 64 * 1024;
const CHUNKS = 10;

/** A raw disk with a boot sector, without zeros, and not of whole chunks. */
const disk = Buffer.concat([randomBytes(CHUNK * CHUNKS), randomBytes(1000)]);
disk.write('U\u00AA', 510, 'latin1');
const digest = `sha256:${createHash('sha256').update(disk).digest('hex')}`;
const pull = (fault = ''): string[] => [
  'image',
  'pull',
  `http://127.0.0.1:${PORT}${fault}/disk.raw`,
  '--name',
  'small',
  '--checksum',
  digest,
];

beforeEach(async () => {
  await writeFile(join(host().files, 'disk.raw'), disk);
  await host().sh(`cd ${host().files}
    setsid ${process.execPath} ${SERVER} . ${PORT} > served 2>&1 & echo $! > server.pid
    until grep -q ready served; do sleep 0.05; done`);
});
afterEach(() => host().sh(`kill "$(cat ${host().files}/server.pid)"; rm -rf ${STORE}`));

/** What is wrong with what is there: a file that may be taken for an image, and is not all of it. */
async function usable(): Promise<readonly string[]> {
  const found = await host().sh(`cd ${STORE} 2> /dev/null || exit 0
    for file in *.raw; do
      [ -e "$file" ] || continue
      [ "$(sha256sum < "$file")" = "$(sha256sum < ${host().files}/disk.raw)" ] && continue
      [ "$(head -c 65536 "$file" | tr -d '\\000' | wc -c)" = 0 ] || echo "$file has a head and no body"
    done
    [ "$(cat ./*.plow.json 2> /dev/null | grep -c '"ready"')" = 0 ] || [ -e small-*.raw ] || echo 'ready, and not there'`);
  const { stdout } = await host().plow(['image', 'list', '-o', 'json']);
  const isWhole = !stdout.includes('"status":"ready"') || stdout.includes(`"content":"${digest}"`);
  return [...found.split('\n').filter((line) => line !== ''), ...unless(isWhole, `listed: ${stdout}`)];
}

/** What is wrong once the same command is given again, after the time in which a plow is taken for alive. */
async function again(isWhole = false): Promise<readonly string[]> {
  if (!isWhole) await host().sh(`touch -d '1 hour ago' ${STORE}/* 2> /dev/null || true`);
  const { code, stderr } = await host().plow(pull());
  const isSame = await host().exec(['sh', '-c', `cmp ${STORE}/small-*.raw ${host().files}/disk.raw`]);
  return [
    ...unless(code === 0, `again: ended with ${code}: ${stderr}`),
    ...unless(isSame.code === 0, `again: ${isSame.stdout}${isSame.stderr}`),
  ];
}

async function nothingLeft(): Promise<readonly string[]> {
  const left = await host().sh(`ls -A ${STORE} 2> /dev/null || true`);
  return unless(left === '', `left: ${left}`);
}

/** Where plow says so: all of it, or a part that it cannot take back. */
function mayStay(stderr: string): boolean {
  return /all of it is there|may be left/u.test(stderr);
}

async function anew(): Promise<void> {
  await host().sh(`rm -rf ${STORE}`);
}

/** Bytes after which something befalls the line: within the first chunk, and at the end of each. */
const STOPS = [0, 1000, ...Array.from({ length: CHUNKS }, (_, index) => (index + 1) * CHUNK)];

describe('the line of a pull', () => {
  it('breaks at any chunk, and nothing is left', async () => {
    const problems: string[] = [];
    for (const at of STOPS) {
      const { code, stderr } = await host().plow(pull(`/broken-${at}`));
      const found = [
        ...unless(code === 5 && stderr.includes('cannot'), `ended with ${code}: ${stderr}`),
        ...(await nothingLeft()),
      ];
      problems.push(...found.map((problem) => `after ${at} bytes: ${problem}`));
      if (found.length > 0) await anew();
    }
    expect(problems).toEqual([]);
  });

  it('is silent at any chunk, where plow is killed, and what is left is no image', async () => {
    const problems: string[] = [];
    for (const at of STOPS) {
      await host().plowInShell(`cd ${host().files}; : > served
        "$@" ${pull(`/held-${at}`).join(' ')} > /dev/null 2>&1 & pulling=$!
        until grep -aq 'held /' served || ! kill -0 $pulling; do sleep 0.02; done; kill -KILL $pulling && ! wait $pulling`);
      const found = [...(await usable()), ...(await again())];
      if (found.length === 0) tally('kill points', 1);
      problems.push(...found.map((problem) => `after ${at} bytes: ${problem}`));
      await anew();
    }
    expect(problems).toEqual([]);
  });
});

/** Calls of a pull that something is to befall. */
async function chosen(): Promise<readonly (readonly [number, string])[]> {
  const { code, stderr, calls, references } = await plowWith(host(), pull());
  if (code !== 0 || references !== 0)
    throw new Error(`exit code ${code}, ${references} references: ${stderr}`);
  await anew();
  return new Tried(CHANGES).newOf([...calls.entries()]);
}

describe('a pull', () => {
  it('with any one call that fails leaves nothing, or the whole image', async () => {
    const problems: string[] = [];
    for (const [at, call] of await chosen()) {
      const failed = await plowWith(host(), ['--verbose', ...pull()], {
        at,
        action: 'fail',
        error: INJECTED,
      });
      const isWell = failed.code === 0 || tells(failed, call, INJECTED);
      const found = [
        ...unless(isWell, `ended with ${failed.code}: ${failed.stderr}`),
        ...unless((failed.references ?? 0) === 0, `${failed.references} references`),
        ...(failed.code === 0 || mayStay(failed.stderr) ? await usable() : await nothingLeft()),
        ...(await again(failed.stderr.includes('all of it is there'))),
      ];
      if (found.length === 0) tally('calls covered', 1);
      problems.push(...found.map((problem) => `${call} (${at}): ${problem}`));
      await anew();
    }
    expect(problems).toEqual([]);
  });

  it.each(ALL_CASES ? (['kill', 'kill after'] as const) : (['kill after'] as const))(
    'killed at any call (%s) leaves no part that is an image',
    async (action) => {
      const problems: string[] = [];
      for (const [at, call] of await chosen()) {
        const killed = await plowWith(host(), pull(), { at, action });
        const found = [
          ...unless(killed.code === KILLED, `ended with ${killed.code}`),
          ...(await usable()),
          ...(await again()),
        ];
        if (found.length === 0) tally('kill points', 1);
        problems.push(...found.map((problem) => `${call} (${at}): ${problem}`));
        await anew();
      }
      expect(problems).toEqual([]);
    },
  );
});
