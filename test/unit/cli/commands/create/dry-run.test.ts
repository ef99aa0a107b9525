import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { SMALLEST } from '../../../config/sample.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { fakeEnvironment } from '../../environment.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-dry-run-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What a dry run prints of a VM with this section. */
async function planned(section: string, ...options: readonly string[]): Promise<string> {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images', 'a.qcow2');
  const environment = fakeEnvironment(hypervisor);
  const file = join(folder, 'vm.yaml');
  await writeFile(file, `${SMALLEST.replace('/img/', '/var/lib/libvirt/images/')}cloud_init: ${section}\n`);
  expect(await runCli(['create', '--dry-run', ...options, file], environment)).toBe(0);
  return environment.stdout.join('\n');
}

describe('plow create --dry-run', () => {
  it.each([
    ['a script', '#!/bin/sh\nmysqldump -u root --password=hunter2\n'],
    ['passwords of users', '#cloud-config\nchpasswd: {list: "root:hunter2"}\n'],
    ['a key of an interface', '#!/bin/sh\nexport API_KEY=hunter2\n'],
    ['a URL with a password', '#!/bin/sh\ncurl https://me:hunter2@example.com\n'],
  ])('leaves out %s, and says that it does', async (_, text) => {
    await writeFile(join(folder, 'user-data'), text);
    const hint = `(${text.length} bytes; looks as if it held a secret: --show-secrets shows it)`;
    const section = '{ user_data: user-data, ssh_host_keys: false }';
    const lines = await planned(section);
    expect(lines).not.toContain('hunter2');
    expect(lines).toContain(`# user-data\n| ${hint}\n`);
    const json = await planned(section, '-o', 'json');
    expect(json).not.toContain('hunter2');
    expect(JSON.parse(json)).toMatchObject({ seed: { 'user-data': hint } });
    expect(await planned(section, '--show-secrets')).toContain('hunter2');
  });

  it.each([
    '{ runcmd: ["htpasswd -b hunter2"] }',
    '{ runcmd: [[mysql, --password=hunter2]] }',
    '{ write_files: [{ path: /a, content: "token: hunter2" }] }',
  ])('leaves out what has a secret in %s', async (section) => {
    expect(await planned(section)).not.toContain('hunter2');
    expect(await planned(section, '-o', 'json')).not.toContain('hunter2');
  });

  it.each([[], ['--show-secrets'], ['-o', 'json']])(
    'says that host keys are made, and not which (%j)',
    async (...options) => {
      const text = await planned('{}', ...options);
      expect(text).toContain('ed25519_private: (made by create)');
      expect(text).toContain('ecdsa_private: (made by create)');
      expect(text).toContain('ssh-ed25519 (made by create)');
      expect(text).not.toMatch(/PRIVATE KEY|AAAA/u);
      expect(await planned('{ ssh_host_keys: false }', ...options)).not.toContain('made by create');
    },
  );

  it('shows the rest of a document that has a password hash by a key of its own', async () => {
    const lines = await planned(`{ root_password_hash: "$6$abc$hunter2", packages: [nginx] }`);
    expect(lines).not.toContain('hunter2');
    expect(lines).toContain('password: (a secret: --show-secrets shows it)');
    expect(lines).toContain('nginx');
  });

  it('has every line of a document behind a bar', async () => {
    const lines = (await planned('{ packages: [nginx] }')).split('\n');
    expect(lines.slice(0, 2)).toStrictEqual(['# domain', '| <domain type="kvm">']);
    expect(lines.filter((line) => !/^(?:\||# |$)/u.test(line))).toStrictEqual([]);
  });
});
