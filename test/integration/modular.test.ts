import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, startLab } from '../lab/lab.ts';
import type { Census, Finished, Lab } from '../lab/lab.ts';
import { PLOW } from './support.ts';
import { IMAGES, vm } from './vms.ts';

/** Six minutes of one core: where they are not built, nothing is tried. */
const BUILT = existsSync(join(process.env['PLOW_LAB_CACHE'] ?? '/var/tmp/plow-lab', 'modular', 'virtqemud'));
if (!BUILT) console.log('modular daemons are not tried: test/lab/modular.sh builds them');

let lab: Lab | undefined;
let files = '';

function there(): Lab {
  if (lab === undefined) throw new Error('the lab is there from beforeAll on');
  return lab;
}

const plow = (...words: readonly string[]): Promise<Finished> => there().plow('h1', words);

async function write(config: object): Promise<string> {
  const path = join(files, 'vm.yaml');
  await writeFile(path, stringify(config));
  return path;
}

async function given(): Promise<void> {
  expect(await plow('create', await write(vm()))).toMatchObject({ code: 0, stderr: '' });
}

/** What plow says while a daemon is stopped or frozen; in time. */
async function without(
  daemon: string,
  how: 'stop' | 'freeze',
  ...words: readonly string[]
): Promise<Finished> {
  await there().libvirtd('h1', how, daemon);
  const begun = performance.now();
  const finished = await plow(...words);
  expect(performance.now() - begun).toBeLessThan(20_000);
  await there().libvirtd('h1', how === 'stop' ? 'start' : 'thaw', daemon);
  return finished;
}

async function state(): Promise<string> {
  return (await there().exec('h1', ['virsh', '--quiet', 'domstate', 'web'])).stdout.trim();
}

beforeAll(async () => {
  if (!BUILT) return;
  lab = await startLab(1, { isModular: true });
  files = await mkdtemp(join(tmpdir(), 'plow-modular-'));
});
afterAll(async () => {
  await lab?.stop();
  if (files !== '') await rm(files, { recursive: true });
});

describe.skipIf(!BUILT)('a hypervisor with modular daemons', () => {
  it('is worked with, and nothing is left', async () => {
    const before: Census = await there().census('h1');
    await given();
    for (const words of [['list'], ['show', 'web'], ['doctor'], ['export', 'web']])
      expect(await plow(...words)).toMatchObject({ code: 0 });
    for (const action of ['create', 'revert', 'delete'])
      expect(await plow('snapshot', action, 'web', 'one')).toMatchObject({ code: 0 });
    expect(await plow('destroy', 'web')).toMatchObject({ code: 0 });
    expect(differences(before, await there().census('h1'))).toEqual([]);
  });

  it('that is down is told by its name: virtqemud', async () => {
    const { code, stderr } = await without('virtqemud', 'stop', 'list');
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/virtqemud/u) as unknown,
    });
  });

  it('that hangs is told by its name, and what is to be restarted', async () => {
    const { code, stderr } = await without('virtqemud', 'freeze', 'list');
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/hint: virtqemud accepts .*systemctl restart virtqemud\)/u) as unknown,
    });
    expect((await plow('doctor')).stdout).not.toContain('restart libvirtd');
  });

  it('is looked at by an account that may do no more', async () => {
    const outsider = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...PLOW];
    for (const [command, code] of [
      ['list', 0],
      ['doctor', 0],
      ['gc', 3],
    ] as const) {
      const { stderr, ...result } = await there().exec('h1', [...outsider, command]);
      expect(result).toMatchObject({ code });
      expect(stderr).toContain(code === 0 ? 'note: read-only, as this account' : 'no permission to use');
    }
  });

  it.each([
    ['create', /virtstoraged is not running there\n.*hint: .*systemctl start virtstoraged\.socket\n/su],
    ['doctor', /virtstoraged is not running/u],
  ])('whose virtstoraged is down says so, and nothing of a directory: %s', async (command, words) => {
    const file = await write(vm());
    const argv = command === 'create' ? ['create', file] : [command];
    const { code, stdout, stderr } = await without('virtstoraged', 'stop', ...argv);
    expect(`${stdout}${stderr}`).toMatch(words);
    expect(`${stdout}${stderr}`).not.toMatch(/no directory|does not exist|install -d/u);
    expect(code).not.toBe(0);
  });

  it.each(['stop', 'freeze'] as const)(
    'leaves the guest alone where virtstoraged is away (%s)',
    async (how) => {
      await given();
      const { code, stderr } = await without('virtstoraged', how, 'destroy', 'web');
      expect({ code, stderr }).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(/VM 'web', which is as it was.*virtstoraged/su) as unknown,
      });
      expect(await state()).toBe('running');
      expect(await plow('destroy', '--force', 'web')).toMatchObject({ code: 0 });
    },
  );

  it('whose virtstoraged hangs is told in time by export', async () => {
    await given();
    const { code, stderr } = await without('virtstoraged', 'freeze', 'export', 'web');
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('virtstoraged') as unknown,
    });
    expect(await plow('destroy', '--force', 'web')).toMatchObject({ code: 0 });
  });

  it('whose virtinterfaced hangs is told in time by validate, and is no matter where it is down', async () => {
    const file = await write(vm());
    const hangs = await without('virtinterfaced', 'freeze', 'validate', '--on-host', file);
    expect(hangs.code).not.toBe(0);
    expect(`${hangs.stdout}${hangs.stderr}`).toContain('virtinterfaced');
    const down = await without('virtinterfaced', 'stop', 'create', file);
    expect({ code: down.code, stderr: down.stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/virtinterfaced/u) as unknown,
    });
    expect(await plow('destroy', '--force', 'web')).toMatchObject({ code: 0 });
  });

  it('whose virtlogd is down starts no VM, and leaves nothing', async () => {
    const before = await there().census('h1');
    const { code, stderr } = await without('virtlogd', 'stop', 'create', await write(vm()));
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('virtlogd') as unknown,
    });
    expect(differences(before, await there().census('h1'))).toEqual([]);
    expect(before.images.some((line) => line.includes(IMAGES))).toBe(true);
  });
});
