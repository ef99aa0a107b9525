import { chmod, chown, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { assertAsPlanned, readPlan, writePlan } from '../../../../src/cli/run/plan/plan-file.ts';
import type { ComparedVm } from '../../../../src/cli/run/plan/plan-file.ts';
import { loadMachine } from '../../../../src/config/vm-file/load.ts';
import { SMALLEST } from '../../config/sample.ts';

const USER = process.getuid?.() ?? 0;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-plan-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const plan = (): string => join(folder, 'p.json');

/** A VM that is not there yet. */
function absent(text = SMALLEST): ComparedVm {
  const loaded = loadMachine('a.yaml', text, { virtType: undefined });
  const { name } = loaded.machine;
  return {
    subject: { file: 'a.yaml', name, host: undefined },
    loaded,
    diff: { name, uuid: undefined, standing: 'absent', changes: [], settled: [], unread: undefined },
    place: { hypervisor: '77777777-0000-4000-8000-000000000001', storagePath: '/srv/vms' },
  };
}

/** What is said where a plan of one VM is applied to another. */
async function told(planned: ComparedVm, now: ComparedVm): Promise<string> {
  await writePlan(plan(), ['a.yaml'], [planned]);
  const read = await readPlan(plan(), USER);
  try {
    assertAsPlanned(read ?? { salt: '', files: [], vms: [] }, [now]);
    return 'as planned';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The plan of one VM, changed by hand. */
async function edited(change: (text: string) => string): Promise<string> {
  await writePlan(plan(), ['a.yaml'], [absent()]);
  await writeFile(plan(), change(await readFile(plan(), 'utf8')));
  const read = await readPlan(plan(), USER);
  try {
    assertAsPlanned(read ?? { salt: '', files: [], vms: [] }, [absent()]);
    return 'as planned';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a plan', () => {
  it('is of one hypervisor and one storage path', async () => {
    const planned = absent();
    expect(await told(planned, absent())).toBe('as planned');
    const { place } = planned;
    const elsewhere = { ...planned, place: { ...place, hypervisor: 'another' } };
    expect(await told(planned, elsewhere)).toContain("VM 'my-vm' was planned for another hypervisor");
    const moved = { ...planned, place: { ...place, storagePath: '/data' } };
    expect(await told(planned, moved)).toContain("VM 'my-vm' was planned for another storage path");
  });

  it('is of the images that names stand for', async () => {
    const planned = absent();
    const lock = { name: 'debian-12', version: '1', builds: {} };
    const locked = (version: string): ComparedVm => ({
      ...planned,
      loaded: { ...planned.loaded, imageLock: { ...lock, version, file: `${version}/images.lock` } },
    });
    expect(await told(locked('1'), locked('2'))).toContain('has another file than it had');
    const elsewhere = { ...lock, file: '/srv/images.lock' };
    const same = { ...planned, loaded: { ...planned.loaded, imageLock: elsewhere } };
    expect(await told(locked('1'), same)).toBe('as planned');
  });

  it('that somebody else has written, or may write, is none', async () => {
    await writePlan(plan(), ['a.yaml'], [absent()]);
    await chmod(plan(), 0o666);
    await expect(readPlan(plan(), USER)).rejects.toThrow(
      'p.json can be written by others (mode 0666): somebody else may say what is done',
    );
    await chmod(plan(), 0o600);
    if (USER === 0) await chown(plan(), 65_534, 65_534);
    const [owner, reader] = USER === 0 ? [65_534, 'root'] : [USER, `uid ${USER + 1}`];
    await expect(readPlan(plan(), USER === 0 ? 0 : USER + 1)).rejects.toThrow(
      `p.json belongs to uid ${owner}, and plow runs as ${reader}: somebody else may say what is done`,
    );
  });

  it.each([
    ['a name with a line end', (text: string) => text.replace('"my-vm"', String.raw`"a\nerror: b"`)],
    ['a name of an escape', (text: string) => text.replace('"my-vm"', String.raw`"a\u001b[31m"`)],
    ['a long name', (text: string) => text.replace('"my-vm"', `"${'x'.repeat(5000)}"`)],
    ['a host that is none', (text: string) => text.replace('"name"', '"host": {}, "name"')],
  ])('is told in a line for each VM, whatever is in it: %s', async (_, change) => {
    const message = await edited(change);
    expect(message.split('\n')).toHaveLength(3);
    expect(message).not.toContain('\u{1b}');
    expect(message).not.toContain('x'.repeat(200));
    expect(message).toContain("VM 'my-vm' was not planned");
  });

  it('does not name a VM twice', async () => {
    const message = await edited((text) => {
      const read = JSON.parse(text) as { vms: unknown[] };
      return JSON.stringify({ ...read, vms: [...read.vms, ...read.vms] });
    });
    expect(message).toBe('the plan names a VM twice: plow has not made it so');
  });

  it.each(['[', '{"kind":"plow plan"', '[]', '"plow plan"', 'name: web'])('is no %s', async (text) => {
    await writeFile(plan(), text);
    expect(await readPlan(plan(), USER)).toBeUndefined();
  });

  it('is no directory, no device and nothing that is not there', async () => {
    await symlink('/dev/zero', plan());
    expect(await readPlan(plan(), USER)).toBeUndefined();
    expect(await readPlan(folder, USER)).toBeUndefined();
    expect(await readPlan(join(folder, 'q.json'), USER)).toBeUndefined();
  });
});
