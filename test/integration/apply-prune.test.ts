import { describe, expect, it } from 'vitest';
import { applyDocument } from '../../src/documents/fleet/apply-schema.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

const FILES = '/run/fleet';

/** One of several, with a disk and no guest. */
function one(name: string, last: number, fleet?: string): object {
  return vm({
    name,
    fleet,
    boot_disk: { empty: true, size_gb: 1 },
    network_interfaces: [{ ip: `10.77.0.${last}/24`, gateway: '10.77.0.1', bridge: 'br0' }],
  });
}

/** Has all files of the fleet be these. */
async function files(...configs: readonly (readonly [name: string, config: object])[]): Promise<void> {
  await host().sh(`rm -rf ${FILES}; mkdir ${FILES}`);
  for (const [name, config] of configs)
    await host().sh(`cp ${await host().write(config, `${name}.yaml`)} ${FILES}`);
}

function prune(...options: readonly string[]): Promise<Finished> {
  return host().plow(['apply', '--prune', ...options, FILES]);
}

async function names(): Promise<readonly string[]> {
  const text = await host().virsh('list --all --name');
  return text
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
    .toSorted();
}

async function gone(...all: readonly string[]): Promise<void> {
  for (const name of all) await host().plow(['unprotect', name]);
  await host().plow(['destroy', '--yes', '--force', ...all]);
  await host().sh(`rm -rf ${FILES}`);
}

describe('plow apply --prune', () => {
  it('destroys VMs of the fleet that have no file any more, and nobody else', async () => {
    await files(
      ['web', one('web', 61, 'shop')],
      ['old', one('old', 62, 'shop')],
      ['safe', one('safe', 63, 'shop')],
      ['alone', one('alone', 64)],
      ['other', one('other', 65, 'stock')],
    );
    expect(await host().plow(['apply', FILES])).toMatchObject({ code: 0 });
    await host().foreignVm('define', { name: 'foreign' });
    await host().plow(['protect', 'safe']);
    await files(['web', one('web', 61, 'shop')]);

    expect(await host().plow(['apply', FILES])).toStrictEqual({
      code: 0,
      stdout: '',
      stderr: 'plan: 1 as they are\n',
    });
    const before = await host().census();
    const unsure = await prune();
    expect(unsure.code).toBe(4);
    expect(unsure.stdout).toBe(
      [
        "VM 'old' has no file any more: it will be destroyed",
        "VM 'safe' has no file any more: it stays, as it is protected",
        '',
      ].join('\n'),
    );
    expect(unsure.stderr).toContain('nothing was done: a VM has no file any more: old\n');
    expect(unsure.stderr).toContain('--yes');
    const asDocument = await prune('-o', 'json');
    expect(asDocument).toMatchObject({ code: 4 });
    expect(await host().census()).toStrictEqual(before);

    const sure = await prune('--yes');
    expect(sure.code).toBe(4);
    expect(sure.stdout).toContain("Successfully destroyed VM 'old'\n");
    expect(sure.stderr).toContain("VM 'safe' is protected: it is not destroyed");
    expect(await names()).toStrictEqual(['alone', 'foreign', 'other', 'safe', 'web']);

    await host().plow(['unprotect', 'safe']);
    const last = await prune('--yes', '-o', 'json');
    expect(last.code).toBe(0);
    const documents = last.stdout
      .trim()
      .split('\n')
      .map((line) => applyDocument.parse(JSON.parse(line)));
    expect(documents.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
      { name: 'safe', file: null, status: 'destroyed', error: null },
      { name: 'web', status: 'unchanged' },
    ]);
    expect(await prune()).toStrictEqual({ code: 0, stdout: '', stderr: 'plan: 1 as they are\n' });
    expect(await names()).toStrictEqual(['alone', 'foreign', 'other', 'web']);
    await gone('alone', 'foreign', 'other', 'web');
  });

  it('destroys nothing where no file names the fleet, or one is wrong, and not with a plan', async () => {
    await files(['web', one('web', 61)], ['old', one('old', 62, 'shop')]);
    expect(await host().plow(['apply', FILES])).toMatchObject({ code: 0 });
    await files(['web', one('web', 61)]);
    expect(await prune('--yes')).toStrictEqual({
      code: 0,
      stdout: '',
      stderr: 'note: none of these files names a fleet: --prune destroys nothing\nplan: 1 as they are\n',
    });
    await files(['web', one('web', 61, 'shop')], ['broken', { ...one('broken', 66, 'shop'), vcpus: 0 }]);
    expect(await prune('--yes')).toMatchObject({ code: 2, stdout: '' });
    await files(['web', one('web', 61, 'shop')]);
    const plan = `${host().files}/fleet-plan.json`;
    await host().plow(['diff', '--plan-out', plan, FILES]);
    const planned = await host().plow(['apply', '--prune', '--yes', plan]);
    expect(planned.code).toBe(1);
    expect(planned.stderr).toContain('--prune goes with files only');
    expect(await names()).toStrictEqual(['old', 'web']);
    await gone('old', 'web');
  });

  it('takes a fleet from the files as it takes tags, keeps a clone, and what goes can come back', async () => {
    await files(['web', one('web', 61)], ['old', one('old', 62, 'shop')]);
    expect(await host().plow(['apply', FILES])).toMatchObject({ code: 0 });
    await host().virsh('destroy old');
    const copied = ['clone', '--keep-identity', '--ip', '10.77.0.67/24', 'old', 'copy'];
    expect(await host().plow(copied)).toMatchObject({ code: 0 });
    await files(['web', one('web', 61, 'shop')]);
    const went = await prune('--yes', '--undo-within', '1h');
    expect(went).toMatchObject({ code: 0, stderr: 'plan: 1 to change, 1 to destroy\n' });
    expect(went.stdout).toContain('fleet: none, the file says shop (live)');
    const { stdout } = await host().plow(['show', '-o', 'json', 'web']);
    expect(JSON.parse(stdout)).toMatchObject({ vm: { fleet: 'shop', declared: { fleet: 'shop' } } });
    expect(await prune()).toStrictEqual({ code: 0, stdout: '', stderr: 'plan: 1 as they are\n' });
    expect(await names()).toStrictEqual(['copy', 'old', 'web']);
    expect(await host().plow(['undelete', 'old'])).toMatchObject({ code: 0 });
    await gone('copy', 'old', 'web');
  });
});
