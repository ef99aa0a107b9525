import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { changed, SMALLEST } from '../../../config/sample.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { failure } from '../../../vm/fake/pieces.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-validate-'));
  await writeFile(join(folder, 'plow.conf'), 'image_dirs: [/img]\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly connections: readonly string[];
}

/** Validates files with these texts; what is told has their paths without the folder. */
async function validate(
  texts: Readonly<Record<string, string>>,
  options: readonly string[] = [],
  environment: FakeEnvironment = fakeEnvironment(),
): Promise<Told> {
  const files = Object.keys(texts).map((name) => join(folder, name));
  await Promise.all(Object.values(texts).map((text, index) => writeFile(files[index] ?? '', text)));
  const settings = options.includes('--on-host') ? ['--config', join(folder, 'plow.conf')] : [];
  const code = await runCli(['validate', ...settings, ...options, ...files], environment);
  const [stdout = '', stderr = ''] = [environment.stdout, environment.stderr].map((lines) =>
    lines.join('\n').replaceAll(`${folder}/`, ''),
  );
  return { code, stdout, stderr, connections: environment.connections };
}

/** A host on which the smallest VM can be made. */
function hypervisor(): FakeHypervisor {
  const host = new FakeHypervisor();
  host.addDirectory('/img', 'a.qcow2');
  host.addDirectory('/var/lib/libvirt/images');
  return host;
}

const OTHER = changed('my-vm', 'other').replace('10.0.0.2', '10.0.0.3');
const WRONG = changed('vcpus: 2', 'vcpu: 2').replace('br0', 'br 0');

describe('plow validate', () => {
  it('of sound files says so on stderr, and connects to nothing', async () => {
    expect(await validate({ 'a.yaml': SMALLEST, 'b.yaml': OTHER })).toStrictEqual({
      code: 0,
      stdout: '',
      stderr: '2 files: 2 valid',
      connections: [],
    });
    expect((await validate({ 'a.yaml': SMALLEST }, ['-o', 'text'])).stderr).toBe('1 file: 1 valid');
  });

  it('shows every mistake of every file with its line', async () => {
    const { code, stdout, stderr } = await validate({ 'a.yaml': WRONG, 'b.yaml': OTHER, 'c.yaml': OTHER });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(`error: a.yaml:2:1: vcpu: unknown key; did you mean 'vcpus'?
   2 | vcpu: 2
     | ^~~~
error: a.yaml:10:13: network_interfaces[0].bridge: must be the name of a bridge, such as br0, of letters, digits, ., - and _, got "br 0"
  10 |     bridge: br 0
     |             ^~~~
error: c.yaml:1:7: name: other is already the name of the VM in b.yaml:1:7
   1 | name: other
     |       ^~~~~
error: c.yaml:8:9: network_interfaces[0].ip: 10.0.0.3 is already the address of the VM in b.yaml:8:9
   8 |   - ip: 10.0.0.3/24
     |         ^~~~~~~~~~~
3 files: 1 valid, 2 with mistakes`);
  });

  it('warns of what is odd, and does not fail for it', async () => {
    const { code, stderr } = await validate({ 'a.yaml': changed('gateway: 10.0.0.1', 'gateway: 10.9.0.1') });
    expect(code).toBe(0);
    expect(stderr)
      .toBe(`warning: a.yaml:9:14: network_interfaces[0].gateway: 10.9.0.1 is outside 10.0.0.2/24; it will be used as an on-link gateway
   9 |     gateway: 10.9.0.1
     |              ^~~~~~~~
1 file: 1 valid`);
  });

  it('shows no secret, whatever it is', async () => {
    const section = 'cloud_init:\n  root_password_hash: hunter2\n  root_pasword: hunter2\n';
    const { stderr } = await validate({ 'a.yaml': SMALLEST + section });
    expect(stderr)
      .toBe(`error: a.yaml:12:23: cloud_init.root_password_hash: must be a crypt hash such as $6$salt$hash, never the password itself: make one with "openssl passwd -6" or "mkpasswd"
  12 |   root_password_hash: (a secret, not shown)
     |                       ^~~~~~~~~~~~~~~~~~~~~
error: a.yaml:13:3: cloud_init.root_pasword: unknown key; known here are fqdn, ssh_keys, root_password_hash, ssh_pwauth, ssh_host_keys, users, packages, write_files, runcmd, timezone, user_data, bus
  13 |   root_pasword: (a secret, not shown)
     |   ^~~~~~~~~~~~
1 file: 0 valid, 1 with mistakes`);
    const { stdout } = await validate({ 'a.yaml': SMALLEST + section }, ['-o', 'json']);
    expect(stdout).toContain('"column": 23,\n      "endColumn": 24');
    expect(stdout).not.toContain('hunter2');
  });

  it('says of more than fifty mistakes in a file how many they are', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `k${index}x: 1\n`).join('');
    const { stderr } = await validate({ 'a.yaml': SMALLEST + many, 'b.yaml': WRONG });
    const lines = stderr.split('\n');
    expect(lines[150]).toBe('error: a.yaml: and 10 more');
    expect(lines[151]).toMatch(/^error: b\.yaml:1:7: name: my-vm is already/u);
    const { stdout } = await validate({ 'a.yaml': SMALLEST + many }, ['-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ files: 1, omitted: 10, mistakes: { length: 50 } });
  });

  it.each([
    [1, { 'a.yaml': SMALLEST, 'b.yaml': 'name: [' }],
    [1, { 'a.yaml': WRONG, 'b.yaml': 'name: [' }],
    [1, { 'a.yaml': WRONG, '../nosuch/b.yaml': undefined }],
    [2, { 'a.yaml': SMALLEST, 'b.yaml': WRONG }],
    [2, { 'a.yaml': SMALLEST, 'b.yaml': SMALLEST }],
  ])('ends with %d for %j', async (code, texts) => {
    const environment = fakeEnvironment();
    const files = Object.keys(texts).map((name) => join(folder, name));
    for (const [name, text] of Object.entries(texts)) {
      if (text !== undefined) await writeFile(join(folder, name), text);
    }
    expect(await runCli(['validate', ...files], environment)).toBe(code);
  });

  it('fits the lines into the terminal', async () => {
    const long = changed('my-vm', `"${'x y '.repeat(50)}"`);
    const { stderr } = await validate({ 'a.yaml': long }, [], { ...fakeEnvironment(), columns: 40 });
    expect(stderr.split('\n').slice(1, 3)).toStrictEqual([
      '   1 | name: "x y x y x y x y x y x y …',
      '     |       ^~~~~~~~~~~~~~~~~~~~~~~~~',
    ]);
  });

  it.each([0, undefined])('takes a terminal of %s columns for one of a hundred', async (columns) => {
    const long = changed('my-vm', `"${'x y '.repeat(50)}"`);
    const { stderr } = await validate({ 'a.yaml': long }, [], { ...fakeEnvironment(), columns });
    expect(stderr.split('\n')[1]).toHaveLength(99);
  });
});

describe('plow validate -o json', () => {
  it('prints one document, and nothing on stderr', async () => {
    const texts = { 'a.yaml': WRONG, 'b.yaml': changed('gateway: 10.0.0.1', 'gateway: 10.9.0.1') };
    const { code, stdout, stderr } = await validate(texts, ['-o', 'json']);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(stdout).toBe(`{
  "version": 1,
  "files": 2,
  "vms": 2,
  "omitted": 0,
  "mistakes": [
    {
      "file": "a.yaml",
      "line": 2,
      "column": 1,
      "endColumn": 5,
      "key": "vcpu",
      "severity": "error",
      "message": "unknown key; did you mean 'vcpus'?",
      "suggestion": "vcpus"
    },
    {
      "file": "a.yaml",
      "line": 10,
      "column": 13,
      "endColumn": 17,
      "key": "network_interfaces[0].bridge",
      "severity": "error",
      "message": "must be the name of a bridge, such as br0, of letters, digits, ., - and _, got \\"br 0\\""
    },
    {
      "file": "b.yaml",
      "line": 1,
      "column": 7,
      "endColumn": 12,
      "key": "name",
      "severity": "error",
      "message": "my-vm is already the name of the VM in a.yaml:1:7"
    },
    {
      "file": "b.yaml",
      "line": 8,
      "column": 9,
      "endColumn": 20,
      "key": "network_interfaces[0].ip",
      "severity": "error",
      "message": "10.0.0.2 is already the address of the VM in a.yaml:8:9"
    },
    {
      "file": "b.yaml",
      "line": 9,
      "column": 14,
      "endColumn": 22,
      "key": "network_interfaces[0].gateway",
      "severity": "warning",
      "message": "10.9.0.1 is outside 10.0.0.2/24; it will be used as an on-link gateway"
    }
  ]
}`);
  });

  it('of sound files is a document as well', async () => {
    const { code, stdout } = await validate({ 'a.yaml': SMALLEST }, ['--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toStrictEqual({ version: 1, files: 1, vms: 1, omitted: 0, mistakes: [] });
  });

  it('has a place also for a file that cannot be read, and a name as it is', async () => {
    const environment = fakeEnvironment();
    expect(await runCli(['validate', '-o', 'json', '/no/\u202e\u{e0001}.yaml'], environment)).toBe(1);
    const [document = ''] = environment.stdout;
    expect(document).toContain('"file": "/no/\\u202e\\udb40\\udc01.yaml"');
    expect(JSON.parse(document)).toMatchObject({
      mistakes: [
        {
          file: '/no/\u202e\u{e0001}.yaml',
          line: 1,
          column: 1,
          endColumn: 1,
          key: '',
          severity: 'error',
          message: 'cannot be read: no such file',
        },
      ],
    });
  });
});

/** What is asked about that many files, on a hypervisor with 200 VMs. */
async function callsFor(count: number): Promise<readonly string[]> {
  const host = hypervisor();
  for (let vm = 0; vm < 200; vm += 1) host.addDomain(`vm${vm}`, '<domain/>', 'running');
  const texts = Array.from({ length: count }, (_, index) => [
    `${index}.yaml`,
    SMALLEST.replace('my-vm', `new-${index}`).replace('10.0.0.2/', `10.0.0.${index + 2}/`),
  ]);
  const { code } = await validate(Object.fromEntries(texts), ['--on-host'], fakeEnvironment(host));
  expect(code).toBe(0);
  return host.calls;
}

/** Of another machine. */
const UNTOLD =
  "5 checks were not made (the subnets of the bridges, the hypervisor's own addresses, who answers at the addresses, links of images, the file system of /var/lib/libvirt/images)";

describe('plow validate --on-host', () => {
  it('asks about every file that describes a VM, over one connection', async () => {
    const environment = fakeEnvironment(hypervisor());
    const texts = {
      'a.yaml': SMALLEST,
      'b.yaml': OTHER.replace('br0', 'office').replace('a.qcow2', 'b.qcow2'),
      'c.yaml': WRONG,
    };
    const { code, stdout, stderr, connections } = await validate(texts, ['--on-host'], environment);
    expect(code).toBe(2);
    expect(connections).toStrictEqual(['qemu:///system', 'closed']);
    expect(stdout).toBe('');
    expect(stderr).toContain(`
error: b.yaml:6:10: boot_disk.image: /img/b.qcow2 does not exist on the hypervisor (there: a.qcow2)
   6 |   image: /img/b.qcow2
     |          ^~~~~~~~~~~~
error: b.yaml:10:13: network_interfaces[0].bridge: bridge 'office' does not exist on the hypervisor (there: br0, br1)
  10 |     bridge: office
     |             ^~~~~~
3 files: 1 valid, 2 with mistakes; ${UNTOLD}`);
  });

  it('makes nothing, and leaves nothing', async () => {
    const host = hypervisor();
    const before = host.census();
    const told = await validate({ 'a.yaml': SMALLEST }, ['--on-host'], fakeEnvironment(host));
    expect(told).toMatchObject({ code: 0, stdout: '', stderr: `1 file: 1 valid; ${UNTOLD}` });
    expect(host.census()).toStrictEqual(before);
  });

  it('tells once that the storage path is at fault, and ends with 5', async () => {
    const texts = { 'a.yaml': SMALLEST, 'b.yaml': OTHER };
    const options = ['--on-host', '--storage-path', '/srv/vms'];
    const { code, stderr } = await validate(texts, options, fakeEnvironment(hypervisor()));
    expect(code).toBe(5);
    expect(stderr)
      .toBe(`error: the storage path /srv/vms does not exist on the hypervisor: install -d -m 0711 /srv/vms, or give another with --storage-path
2 files: 1 valid, 1 with mistakes; 4 checks were not made (the subnets of the bridges, the hypervisor's own addresses, who answers at the addresses, links of images)`);
  });

  it('has its findings in the document, each file from top to bottom', async () => {
    const warned = changed('gateway: 10.0.0.1', 'gateway: 10.9.0.1').replace('br0', 'office');
    const texts = { 'a.yaml': warned, 'b.yaml': WRONG.replace('my-vm', 'other').replace('0.2/', '0.3/') };
    const { code, stdout } = await validate(
      texts,
      ['--on-host', '-o', 'json'],
      fakeEnvironment(hypervisor()),
    );
    expect(code).toBe(2);
    const { mistakes } = JSON.parse(stdout) as { mistakes: { file: string; key: string }[] };
    expect(mistakes.map(({ file, key }) => `${file} ${key}`)).toStrictEqual([
      'a.yaml network_interfaces[0].gateway',
      'a.yaml network_interfaces[0].bridge',
      'b.yaml vcpu',
      'b.yaml network_interfaces[0].bridge',
    ]);
  });

  it('notes once what is the same for all files', async () => {
    const host = hypervisor();
    host.fault = (call) => (call === 'findInterface' ? 'other' : undefined);
    const told = await validate(
      { 'a.yaml': SMALLEST, 'b.yaml': OTHER },
      ['--on-host'],
      fakeEnvironment(host),
    );
    expect(told).toMatchObject({ code: 0, stdout: '' });
    expect(told.stderr).toMatch(
      /^note: .*: not checked\n2 files: 2 valid; 5 checks were not made \(the bridges, .*\)$/u,
    );
  });

  it('says in the document what was not looked at, and why with --verbose', async () => {
    const json = await validate(
      { 'a.yaml': SMALLEST },
      ['--on-host', '-o', 'json'],
      fakeEnvironment(hypervisor()),
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      mistakes: [],
      not_checked: [
        { check: 'gateway', why: 'libvirt does not tell the addresses of another machine' },
        { check: 'own-address', why: 'libvirt does not tell the addresses of another machine' },
        { check: 'neighbours', why: 'plow does not run on the hypervisor' },
        { check: 'link', why: 'libvirt does not tell links of another machine' },
        { check: 'file-system', path: '/var/lib/libvirt/images', why: 'libvirt does not tell' },
      ],
    });
    const options = ['--on-host', '--verbose'];
    const { stderr } = await validate({ 'a.yaml': SMALLEST }, options, fakeEnvironment(hypervisor()));
    expect(stderr).toContain(
      'the file system of /var/lib/libvirt/images was not looked at: libvirt does not tell\n',
    );
  });

  it('asks once what is the same for all files', async () => {
    const [few, many] = [await callsFor(2), await callsFor(102)];
    expect(many).toStrictEqual(few);
    for (const call of ['domainDocuments', 'memory', 'findInterface', 'capabilities']) {
      expect(few.filter((made) => made === call)).toStrictEqual([call]);
    }
  });

  it('does not connect where no file describes a VM', async () => {
    expect(await validate({ 'a.yaml': WRONG }, ['--on-host'])).toMatchObject({ code: 2, connections: [] });
  });

  it('tells the mistakes of the files also where the hypervisor cannot be asked', async () => {
    const host = hypervisor();
    host.fault = (call) => (call === 'capabilities' ? 'other' : undefined);
    const environment = fakeEnvironment(host);
    const texts = { 'a.yaml': SMALLEST, 'b.yaml': WRONG };
    await expect(validate(texts, ['--on-host'], environment)).rejects.toMatchObject({
      kind: 'operation',
      message: 'cannot read the capabilities of the hypervisor',
      detail: failure('capabilities', 'other').describe(),
    });
    expect(environment.stderr.join('\n')).toContain('b.yaml:2:1: vcpu: unknown key');
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });
});
