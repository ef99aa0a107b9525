import { describe, expect, it } from 'vitest';
import { applyDocument } from '../../src/documents/fleet/apply-schema.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

const DIRECTORY = '/run/canary';

async function write(index: number, more: object): Promise<void> {
  const network_interfaces = [{ ip: `10.77.0.6${index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
  const name = `web-${index}`;
  const path = await host().write(vm({ name, network_interfaces, group: 'web', ...more }), `${name}.yaml`);
  await host().sh(`mkdir -p ${DIRECTORY}; cp ${path} ${DIRECTORY}`);
}

async function apply(...options: readonly string[]): Promise<Finished> {
  return host().plow(['apply', ...options, DIRECTORY]);
}

function toldIn({ stdout }: Finished): readonly string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => applyDocument.parse(JSON.parse(line)))
    .map(({ name, wave, status }) => `${name} ${wave} ${status}`);
}

describe('plow apply --canary', () => {
  it('makes one VM, waits for it, and makes the others then; ends where it does not come so far', async () => {
    for (const index of [1, 2, 3]) await write(index, {});
    const made = await apply('--canary', '1', '--until', 'running', '-o', 'json');
    expect(toldIn(made)).toStrictEqual(['web-1 1 created', 'web-2 2 created', 'web-3 2 created']);
    expect(made.code).toBe(0);
    const record = await host().virsh('dumpxml web-1');
    expect(record).toContain('"group":"web"');
    expect((await host().plow(['show', 'web-1'])).stdout).toMatch(/Group: +web\n/u);
    const again = await apply('--canary', '1');
    expect(again).toMatchObject({ code: 0, stderr: 'plan: 3 as they are\n' });
    for (const index of [1, 2, 3]) await write(index, { description: 'a web server' });
    const { code, stdout, stderr } = await apply('--canary', '1', '--wait-timeout', '1s');
    expect(stdout).toContain('wave 1: web-1\nwave 2: web-2, web-3\n');
    expect(stderr).toContain("not begun, as 'web-1' failed: web-2, web-3\n");
    expect(stderr).toContain('3 of 3 VMs were not applied: web-1, web-2, web-3');
    expect(code).toBe(4);
    expect(await host().virsh('desc web-2')).not.toContain('a web server');
    expect(await host().plow(['diff', DIRECTORY])).toMatchObject({
      code: 1,
      stderr: '3 VMs: 1 the same, 2 different\n',
    });
    await host().sh(`rm -r ${DIRECTORY}`);
    for (const index of [1, 2, 3]) await host().discard(`web-${index}`);
  });

  it('refuses what goes with it only, and no number', async () => {
    expect((await apply('--wait-timeout', '5s')).stderr).toContain('goes with --until or --canary');
    expect((await apply('--canary', '0')).stderr).toContain('expected a number of VMs');
  });
});
