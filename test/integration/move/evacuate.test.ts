import { expect, it } from 'vitest';
import { IMAGES, vm } from '../vms.ts';
import { useTwoHosts } from './two-hosts.ts';

const hosts = useTwoHosts();

interface Line {
  readonly name: string;
  readonly status: string;
  readonly plan?: { readonly to: string; readonly how: string; readonly bytes: number };
}

async function lines(...argv: readonly string[]): Promise<readonly Line[]> {
  const { stdout } = await hosts().plow(...argv, '-o', 'json');
  const all = stdout.trim().split('\n');
  return all
    .map((line) => JSON.parse(line) as Line)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

const home = (host: 'h1' | 'h2', name: string): Promise<string> =>
  hosts()[host].sh(`virsh dumpxml --inactive ${name} | grep -o 'plow-home:home .*host="[a-z0-9]*"' || true`);

it('VMs go where they can, what stays is told, and they come home', async () => {
  const { h1, h2 } = hosts();
  await h1.given(vm());
  await h1.virsh('destroy web');
  const other = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
  await h1.given(vm({ name: 'db', network_interfaces: other }));
  const before = [await h1.census(), await h2.census()];
  expect(await lines('evacuate', 'h1', '--plan')).toMatchObject([
    { name: 'db', status: 'planned', plan: { to: 'h2', how: 'stays' } },
    { name: 'web', status: 'planned', plan: { to: 'h2', how: 'off' } },
  ]);
  const told = await hosts().plow('evacuate', 'h1', '--plan', '--cold');
  expect(told).toMatchObject({ code: 0 });
  expect(told.stdout).toContain("VM 'db' would go to h2: it is stopped, and started there");
  expect([await h1.census(), await h2.census()]).toEqual(before);
  const [dry] = await lines('move', 'web', '--to', 'h2', '--dry-run');
  expect(dry).toMatchObject({ plan: { how: 'off', files: [{ path: `${IMAGES}/web/boot.qcow2` }, {}] } });

  const moved = await hosts().plow('evacuate', 'h1');
  expect(moved).toMatchObject({ code: 4 });
  expect(moved.stderr).toContain("VM 'db' does not move to h2: it is running: --cold stops it");
  expect(await hosts().whereIs('web')).toBe('h2 shut off');
  expect(await hosts().whereIs('db')).toBe('h1 running');
  expect(await home('h2', 'web')).toContain('host="h1"');
  expect(await home('h1', 'db')).toBe('');

  expect(await hosts().plow('restore', 'h1')).toMatchObject({ code: 0 });
  expect(await hosts().whereIs('web')).toBe('h1 shut off');
  expect(await home('h1', 'web')).toBe('');
  const none = await hosts().plow('restore', 'h1');
  expect(none).toMatchObject({ code: 0 });
  expect(none.stderr).toContain('no VM elsewhere is at home on h1');
  await h1.virsh('start web');
  await h1.discard('web');
  await h1.discard('db');
});
