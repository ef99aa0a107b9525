import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { changed } from '../../../config/sample.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

const HASH = `$6$saltsalt$${'abcdefgh./'.repeat(8)}123456`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-ignition-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(name: string, last: number, section: string): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  const text = changed('my-vm', name).replace('10.0.0.2', `10.0.0.${last}`);
  await writeFile(path, `${text.replace(/image: .*/u, 'empty: true')}provisioning: ${section}\n`);
  return path;
}

async function create(...args: readonly string[]): Promise<FakeEnvironment & { readonly code: number }> {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images');
  const environment = fakeEnvironment(hypervisor);
  const code = await runCli(['create', ...args], environment);
  return { ...environment, code };
}

describe('plow create --wait-for cloud-init', () => {
  it('refuses each file of Ignition, before it connects to anything', async () => {
    const files = [
      await file('vm-a', 2, '{ format: ignition }'),
      await file('vm-b', 3, '{}'),
      await file('vm-c', 4, '{ format: ignition, timezone: UTC }'),
    ];
    const environment = fakeEnvironment(new FakeHypervisor());
    const refused: unknown = await runCli(
      ['create', '--wait-for', 'cloud-init', ...files],
      environment,
    ).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'validation', mistakes: [{}, {}] });
    const text = String(refused);
    expect(text).toMatch(
      /vm-a\.yaml:\d+:\d+: provisioning\.format: cloud-init, which --wait-for names, is not/u,
    );
    expect(text).toMatch(/vm-c\.yaml:\d+:\d+: provisioning\.format: /u);
    expect(text).not.toContain('vm-b.yaml');
    expect(environment.connections).toStrictEqual([]);
  });
});

describe('plow create --dry-run', () => {
  it('shows the config without the hash, its text unpacked nowhere', async () => {
    const path = await file('vm-d', 5, `{ format: ignition, root_password_hash: '${HASH}' }`);
    for (const how of [[], ['-o', 'json']]) {
      const { code, stdout } = await create('--dry-run', ...how, path);
      expect(code).toBe(0);
      expect(stdout.join('\n')).toContain('config.ign');
      expect(stdout.join('\n')).not.toContain('saltsalt');
      expect(stdout.join('\n')).not.toContain(HASH.slice(20));
    }
    expect((await create('--dry-run', '--show-secrets', path)).stdout.join('\n')).toContain(HASH);
  });

  it.each([
    ['a key', '{ format: ignition, write_files: [{ path: /a, content: "token: hunter2" }] }'],
    ['a command', '{ format: ignition, runcmd: ["mysql --password=hunter2"] }'],
  ])('leaves out a config with %s in it, which is base64 there', async (_, section) => {
    const path = await file('vm-e', 6, section);
    const { stdout } = await create('--dry-run', path);
    expect(stdout.join('\n')).toContain('looks as if it held a secret');
    expect(stdout.join('\n')).not.toContain(Buffer.from('token: hunter2').toString('base64'));
  });
});
