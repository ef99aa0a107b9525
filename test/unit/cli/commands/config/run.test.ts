import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../../src/cli/program.ts';
import { FakeHypervisor } from '../../../vm/fake-hypervisor.ts';
import { listing } from '../../../vm/listed.ts';
import { fakeEnvironment } from '../../environment.ts';
import type { FakeEnvironment } from '../../environment.ts';

const FULL = `connect: qemu+tcp://me:geheim@hv1/system
storage_path: /srv/vms/
image_dirs: [/srv/images]
virt_type: qemu
defaults:
  dns_servers: [1.1.1.1, 9.9.9.9]
  gateways:
    10.0.0.0/24: 10.0.0.1
  bridge: br0
  ssh_keys: []
share_dirs: [/srv/data]
`;

let folder = '';
/** As XDG_CONFIG_HOME, with a file in it. */
let user = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-settings-'));
  user = join(folder, 'user');
  await mkdir(join(user, 'plow'), { recursive: true });
  await mkdir(join(folder, 'home/.config/plow'), { recursive: true });
  await writeFile(join(user, 'plow/config.yaml'), 'connect: user:///\n');
  await writeFile(join(folder, 'home/.config/plow/config.yaml'), 'connect: home:///\n');
  await writeFile(join(folder, 'full.yaml'), FULL);
  await writeFile(join(folder, 'named.yaml'), 'connect: named:///\n');
  await writeFile(join(folder, 'broken.yaml'), 'connect: [\n');
  await writeFile(join(folder, 'wrong.yaml'), 'conect: named:///\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What a command prints, without the folder of the files. */
async function printed(argv: readonly string[], variables = {}): Promise<string> {
  const environment = fakeEnvironment(new FakeHypervisor(), variables);
  expect(await runCli(argv, environment)).toBe(0);
  expect(environment.stderr).toStrictEqual([]);
  return environment.stdout.join('\n').replaceAll(`${folder}/`, '');
}

function withoutVms(variables: FakeEnvironment['variables']): FakeEnvironment {
  return fakeEnvironment(Object.assign(new FakeHypervisor(), listing()), variables);
}

/** Paths for the words of a table; others stay as they are. */
function path(word: string): string {
  if (word === 'named' || word === 'broken') return join(folder, `${word}.yaml`);
  if (word === 'USER') return user;
  return word === 'HOME' ? join(folder, 'home') : word;
}

describe('plow config', () => {
  it('prints every setting with its source', async () => {
    const variables = { PLOW_CONFIG: join(folder, 'full.yaml'), PLOW_VIRT_TYPE: 'kvm' };
    const lines = await printed(['config', '--storage-path', '/data'], variables);
    // As wide as the paths of the files were.
    expect(lines.replaceAll(/ {2,}/gu, '  ')).toBe(
      `
SETTING  FROM  VALUE
config  variable PLOW_CONFIG  full.yaml
connect  full.yaml:1:10  qemu+tcp://me:***@hv1/system
storage_path  flag --storage-path  /data
image_dirs[0]  full.yaml:3:14  /srv/images
share_dirs[0]  full.yaml:11:14  /srv/data
virt_type  variable PLOW_VIRT_TYPE  kvm
file_roots  default  -
defaults.dns_servers[0]  full.yaml:6:17  1.1.1.1
defaults.dns_servers[1]  full.yaml:6:26  9.9.9.9
defaults.gateways."10.0.0.0/24"  full.yaml:8:18  10.0.0.1
defaults.ssh_keys  full.yaml:10:13  []
defaults.bridge  full.yaml:9:11  br0
defaults.mode  default  -
defaults.cpu_mode  default  -
`.trim(),
    );
  });

  it('without a file prints the defaults', async () => {
    expect(await printed(['config'])).toBe(
      `
SETTING               FROM     VALUE
config                default  -
connect               default  qemu:///system
storage_path          default  /var/lib/libvirt/images
image_dirs[0]         default  /var/lib/libvirt/images
share_dirs            default  -
virt_type             default  -
file_roots            default  -
defaults.dns_servers  default  -
defaults.gateways     default  -
defaults.ssh_keys     default  -
defaults.bridge       default  -
defaults.mode         default  -
defaults.cpu_mode     default  -
`.trim(),
    );
  });

  it('prints a document for programs, without the password as well', async () => {
    const document: unknown = JSON.parse(
      await printed(['config', '-o', 'json', '--config', join(folder, 'full.yaml')]),
    );
    expect(document).toMatchObject({
      version: 1,
      settings: [
        { name: 'config', value: 'full.yaml', from: 'flag --config' },
        { name: 'connect', value: 'qemu+tcp://me:***@hv1/system', from: 'full.yaml:1:10' },
        { name: 'storage_path', value: '/srv/vms', from: 'full.yaml:2:15' },
        { name: 'image_dirs[0]', value: '/srv/images', from: 'full.yaml:3:14' },
        { name: 'share_dirs[0]', value: '/srv/data', from: 'full.yaml:11:14' },
        { name: 'virt_type', value: 'qemu', from: 'full.yaml:4:12' },
        { name: 'file_roots', value: null, from: 'default' },
        { name: 'defaults.dns_servers[0]', value: '1.1.1.1', from: 'full.yaml:6:17' },
        { name: 'defaults.dns_servers[1]' },
        { name: 'defaults.gateways."10.0.0.0/24"', value: '10.0.0.1' },
        { name: 'defaults.ssh_keys', value: '[]' },
        { name: 'defaults.bridge', value: 'br0', from: 'full.yaml:9:11' },
        { name: 'defaults.mode', value: null, from: 'default' },
        { name: 'defaults.cpu_mode', value: null, from: 'default' },
      ],
    });
  });

  it('connects to nothing', async () => {
    const environment = fakeEnvironment();
    await runCli(['config'], environment);
    expect(environment.connections).toStrictEqual([]);
  });
});

describe('the settings file', () => {
  it.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ['--config before PLOW_CONFIG', ['--config', 'named'], { PLOW_CONFIG: 'broken' }, 'named:///'],
    [
      'PLOW_CONFIG before that of the user',
      [],
      { PLOW_CONFIG: 'named', XDG_CONFIG_HOME: 'USER' },
      'named:///',
    ],
    ['XDG_CONFIG_HOME before HOME', [], { XDG_CONFIG_HOME: 'USER', HOME: 'HOME' }, 'user:///'],
    ['HOME', [], { HOME: 'HOME', PLOW_CONFIG: '' }, 'home:///'],
    ['HOME where XDG_CONFIG_HOME is relative', [], { XDG_CONFIG_HOME: 'user', HOME: 'HOME' }, 'home:///'],
    ['nowhere, where there is none', [], { XDG_CONFIG_HOME: '/no/such', HOME: 'HOME' }, 'qemu:///system'],
  ])('is taken from %s', async (_, flags, variables, uri) => {
    const values = Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, path(text)]));
    const environment = withoutVms(values);
    await runCli([...flags.map(path), 'list'], environment);
    expect(environment.connections).toStrictEqual([uri, 'closed']);
  });

  it.each([
    [
      'broken',
      'broken.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['wrong', "wrong.yaml:1:1: conect: unknown key; did you mean 'connect'?"],
    ['missing', 'missing.yaml: cannot be read: no such file'],
  ])('that is %s is a configuration error, and nothing is connected to', async (name, message) => {
    const environment = withoutVms({});
    const running = runCli(['list', '--config', join(folder, `${name}.yaml`)], environment);
    await expect(running).rejects.toMatchObject({ kind: 'config', message: `${folder}/${message}` });
    expect(environment.connections).toStrictEqual([]);
  });

  it.each([
    [['list', '-c', 'test:///default'], {}],
    [['list'], { PLOW_CONNECT: 'test:///default' }],
    [['list'], { LIBVIRT_DEFAULT_URI: 'test:///default' }],
  ])(
    'that nobody named is not read by %j with %j, which have the hypervisor already',
    async (argv, variables) => {
      await mkdir(join(folder, 'home', 'plow'), { recursive: true });
      await copyFile(join(folder, 'broken.yaml'), join(folder, 'home', 'plow', 'config.yaml'));
      const environment = withoutVms({ ...variables, XDG_CONFIG_HOME: join(folder, 'home') });
      expect(await runCli(argv, environment)).toBe(0);
      expect(environment.connections).toStrictEqual(['test:///default', 'closed']);
    },
  );

  it.each([['--help'], ['--version'], ['create', '--help'], ['config', '--help']])(
    'is not read by %j',
    async (...argv) => {
      const environment = fakeEnvironment(new FakeHypervisor(), { PLOW_CONFIG: join(folder, 'broken.yaml') });
      expect(await runCli(argv, environment)).toBe(0);
    },
  );
});

describe('the commands', () => {
  const VM = `name: web
vcpus: 1
memory_gib: 1
boot_disk: { size_gb: 1, empty: true }
network_interfaces: [{ ip: 10.0.0.7/24 }]
`;

  it('create makes a VM of what the settings file adds to it', async () => {
    await writeFile(join(folder, 'vm.yaml'), VM);
    const hypervisor = new FakeHypervisor();
    hypervisor.addDirectory('/srv/vms');
    const environment = fakeEnvironment(hypervisor, { PLOW_CONFIG: join(folder, 'full.yaml') });
    expect(await runCli(['create', join(folder, 'vm.yaml')], environment)).toBe(0);
    expect(environment.connections).toStrictEqual(['qemu+tcp://me:geheim@hv1/system', 'closed']);
    expect([...hypervisor.directories.keys()]).toContain('/srv/vms/web');
    const { xml = '' } = hypervisor.domains.get('web') ?? {};
    expect(xml).toContain('<source bridge="br0"/>');
    expect(xml).toContain('<domain type="qemu"');
  });

  it('validate checks a VM with what the settings file adds to it', async () => {
    await writeFile(join(folder, 'vm.yaml'), VM.replace('0.7/', '0.1/'));
    const environment = fakeEnvironment(new FakeHypervisor(), { PLOW_CONFIG: join(folder, 'full.yaml') });
    const argv = ['validate', join(folder, 'vm.yaml')];
    expect(await runCli(argv, environment)).toBe(2);
    expect(environment.stderr.join('\n').replaceAll(`${folder}/`, ''))
      .toBe(`error: vm.yaml:5:22: network_interfaces[0].gateway (from full.yaml:8:18): 10.0.0.1 is the address of the VM itself
   5 | network_interfaces: [{ ip: 10.0.0.1/24 }]
     |                      ^
1 file: 0 valid, 1 with mistakes`);
    const json = fakeEnvironment(new FakeHypervisor(), environment.variables);
    await runCli([...argv, '-o', 'json'], json);
    expect(JSON.parse(json.stdout.join(''))).toMatchObject({
      mistakes: [{ key: 'network_interfaces[0].gateway', origin: `${folder}/full.yaml:8:18` }],
    });
  });

  it('destroy takes no storage path from the settings file', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDirectory('/srv/vms/web', 'boot.qcow2');
    const disk = `<disk type='file' device='disk'><source file='/srv/vms/web/boot.qcow2'/></disk>`;
    hypervisor.addDomain('web', `<domain><name>web</name><devices>${disk}</devices></domain>`, 'shut off');
    const environment = fakeEnvironment(hypervisor, { PLOW_CONFIG: join(folder, 'full.yaml') });
    expect(await runCli(['destroy', 'web'], environment)).toBe(0);
    expect([...(hypervisor.directories.get('/srv/vms/web') ?? [])]).toHaveLength(1);
    expect(environment.stderr.join('\n')).toContain('left: /srv/vms/web/boot.qcow2');
  });
});
