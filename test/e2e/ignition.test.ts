import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIgnitionImage } from '../lab/guest-image.ts';
import { differences, startLab } from '../lab/lab.ts';
import type { Census, Finished, Lab } from '../lab/lab.ts';
import { run } from '../run.ts';

/** Building the image takes minutes, and so does each boot under emulation: every night. */
const isWhole = process.env['PLOW_IGNITION'] === 'all';
if (!isWhole) console.log('not tried here, as each takes a boot: guests of Ignition (PLOW_IGNITION=all)');

const BOOT_DEADLINE_MS = 600_000;
const PASSWORD = 'correct horse';

let lab: Lab;
let work: string;
let passwordHash: string;

/** As a user whose key it has. */
function ssh(address: string, user: string, command: string): Promise<Finished> {
  const options = ['BatchMode=yes', 'ConnectTimeout=5', 'StrictHostKeyChecking=no', 'LogLevel=ERROR'];
  const argv = [...options, 'UserKnownHostsFile=/dev/null'].flatMap((option) => ['-o', option]);
  return lab.exec('h1', ['ssh', ...argv, '-i', join(work, 'key'), '-l', user, address, command]);
}

/** What a command says in the guest, as root. */
async function guest(address: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await ssh(address, 'core', `sudo sh -c '${command}'`);
  if (code !== 0) throw new Error(`in the guest, ${command} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + BOOT_DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it never came to this: ${what}`);
    await sleep(2000);
  }
}

/** What differs between the two VMs is how the guest's network is brought up. */
function vmYaml(name: string, address: string, network: 'networkmanager' | 'networkd'): string {
  return `
name: ${name}
vcpus: 2
memory_gib: 1
boot_disk: { size_gb: 4, image: /var/lib/libvirt/images/ignition.qcow2 }
network_interfaces:
  - ip: ${address}/24
    gateway: 10.77.0.11
    dns_servers: [10.77.0.53, 10.77.0.54]
    bridge: br0
  - { ip: 10.78.0.100/25, gateway: 10.78.0.1, bridge: br1, mtu: 1400 }
virt_type: qemu
provisioning:
  format: ignition
  fqdn: ${name}.example.com
  ssh_keys: [{ file: key.pub }]
  network: ${network}
  timezone: Europe/Vienna
  users:
    - name: admin
      groups: [adm]
      sudo: true
      shell: /bin/sh
      ssh_keys: [{ file: key.pub }]
  write_files:
    - { path: /etc/plow-test, content: "a: 'b' %h \\\\n\\tc\\n" }
    - { path: /home/admin/note, content: mine, owner: "admin:admin", permissions: "0600" }
  runcmd:
    - echo "$(id -un) 100%" >> /var/lib/commands
    - [touch, "/var/lib/two words"]
  root_password_hash: "${passwordHash}"
  ssh_pwauth: false
  console_autologin: root
  ignition: { config: own.ign }
`;
}

/** Of the user's own: who brings up the network in this image, which has both. */
function ownConfig(network: 'networkmanager' | 'networkd'): string {
  const units = [
    { name: 'systemd-networkd.service', enabled: network === 'networkd' },
    { name: 'NetworkManager.service', mask: network === 'networkd' },
  ];
  const files = [{ path: '/etc/own', mode: 420, contents: { source: 'data:,own' } }];
  return JSON.stringify({ ignition: { version: '3.0.0' }, storage: { files }, systemd: { units } });
}

async function create(name: string, yaml: string, argv: readonly string[] = []): Promise<Finished> {
  await writeFile(join(work, `${name}.yaml`), yaml);
  return lab.plow('h1', ['create', ...argv, join(work, `${name}.yaml`)]);
}

/** What is asked in one login, as each takes seconds under emulation. */
const QUESTIONS = {
  hostname: 'hostname',
  shadow: 'getent shadow root | cut -d: -f2',
  groups: 'id -Gn admin; getent passwd admin | cut -d: -f7; sudo -u admin sudo -n id -un',
  owners: 'stat -c "%U:%G %a" /home/admin/note /etc/plow-test',
  files: 'cat /etc/plow-test /etc/own',
  addresses: 'ip -4 -br address | sed "s/  */ /g"',
  routes: 'ip route show default',
  mtus: 'cat /sys/class/net/*/mtu',
  dns: 'resolvectl dns',
  zone: 'readlink /etc/localtime',
  sshd: 'sshd -T | grep -i ^passwordauthentication',
  console: 'ps -C agetty,login,bash -o args= | cat',
  commands: 'cat /var/lib/commands',
  failed: 'systemctl --failed --plain --no-legend',
};

type Answers = Record<keyof typeof QUESTIONS, string>;

async function answers(address: string): Promise<Answers> {
  const script = Object.values(QUESTIONS).join('; echo =====; ');
  const { stdout, stderr } = await ssh(address, 'core', `sudo sh -c '${script}'`);
  const told = stdout.split('=====\n').map((text) => text.trim());
  const names = Object.keys(QUESTIONS);
  if (told.length !== names.length) throw new Error(`the guest said ${stdout}${stderr}`);
  return Object.fromEntries(names.map((name, index) => [name, told[index]])) as Answers;
}

/** Everything that the file of a VM says. */
async function holds(name: string, address: string): Promise<void> {
  const told = await answers(address);
  expect(told).toMatchObject({
    hostname: `${name}.example.com`,
    shadow: passwordHash,
    groups: 'admin adm\n/bin/sh\nroot',
    owners: 'admin:admin 600\nroot:root 644',
    files: `a: 'b' %h \\n\tc\nown`,
    routes: expect.stringMatching(/^default via 10\.77\.0\.11 [^\n]*$/u),
    mtus: expect.stringContaining('1400'),
    dns: expect.stringContaining('10.77.0.53 10.77.0.54'),
    zone: expect.stringContaining('Europe/Vienna'),
    sshd: 'passwordauthentication no',
    console: expect.stringMatching(/autologin|login -f|-bash/u),
    commands: 'root 100%',
    failed: expect.not.stringContaining('plow'),
  });
  expect(told.addresses).toContain(` UP ${address}/24`);
  expect(told.addresses).toContain(' 10.78.0.100/25');
}

/** What was done at the first boot is not done again. */
async function outlivesReboot(address: string): Promise<void> {
  const boot = await guest(address, 'cat /proc/sys/kernel/random/boot_id');
  await ssh(address, 'core', 'sudo systemctl reboot');
  await until('it runs again', async () => {
    const { code, stdout } = await ssh(address, 'core', 'cat /proc/sys/kernel/random/boot_id');
    return code === 0 && stdout.trim() !== boot;
  });
  expect(await guest(address, 'systemctl is-system-running --wait > /dev/null; cat /var/lib/commands')).toBe(
    'root 100%',
  );
}

describe.runIf(isWhole)('a guest that Ignition provisions', () => {
  let before: Census;

  beforeAll(async () => {
    const image = await buildIgnitionImage();
    lab = await startLab();
    work = await mkdtemp(join(tmpdir(), 'plow-e2e-ignition-'));
    await lab.addImage('h1', image, 'ignition.qcow2');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'e2e', '-f', join(work, 'key')]);
    passwordHash = (await run('openssl', ['passwd', '-6', PASSWORD])).trim();
    before = await lab.census('h1');
  });
  afterAll(async () => {
    await lab?.stop();
    if (work !== undefined) await rm(work, { recursive: true });
  });

  it.each([
    ['networkmanager', '10.77.0.100'],
    ['networkd', '10.77.0.101'],
  ] as const)(
    'has all that its file says, by %s',
    async (network, address) => {
      const name = `ign-${network}`;
      await writeFile(join(work, 'own.ign'), ownConfig(network));
      const made = await create(name, vmYaml(name, address, network));
      expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('Ignition config generated') });
      const waited = await lab.plow('h1', ['wait', name, '--timeout', '10m']);
      expect(waited).toMatchObject({ code: 0, stderr: '' });
      await until('its commands have run', async () => {
        const { code } = await ssh(address, 'core', 'test -e "/var/lib/two words"');
        return code === 0;
      });
      await holds(name, address);
      await outlivesReboot(address);
      await lab.plow('h1', ['destroy', '--yes', name]);
      expect(differences(before, await lab.census('h1'))).toEqual([]);
    },
    3 * BOOT_DEADLINE_MS,
  );

  it('that fails says why, and wait tells it at once', async () => {
    const bad = {
      ignition: { version: '3.0.0' },
      storage: {
        files: [{ path: '/etc/x', user: { name: 'nobody-at-all' }, contents: { source: 'data:,x' } }],
      },
    };
    await writeFile(join(work, 'own.ign'), JSON.stringify(bad));
    expect(await create('ign-bad', vmYaml('ign-bad', '10.77.0.102', 'networkmanager'))).toMatchObject({
      code: 0,
    });
    const waited = await lab.plow('h1', ['wait', 'ign-bad', '--timeout', '10m']);
    expect(waited.code).not.toBe(0);
    expect(waited.stderr).toMatch(/Ignition failed.*nobody-at-all/u);
    expect(waited.stderr).not.toContain(passwordHash);
    await lab.plow('h1', ['destroy', '--yes', 'ign-bad']);
    expect(differences(before, await lab.census('h1'))).toEqual([]);
  });
});
