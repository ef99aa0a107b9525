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

/** Everything but what differs between network managers. */
async function holds(name: string, address: string): Promise<void> {
  expect(await guest(address, 'hostname')).toBe(`${name}.example.com`);
  expect(await guest(address, 'getent shadow root')).toContain(`:${passwordHash}:`);
  expect((await ssh(address, 'admin', 'id -Gn; echo $SHELL; sudo -n id -un')).stdout).toBe(
    'admin adm\n/bin/sh\nroot\n',
  );
  expect(await guest(address, 'stat -c "%U:%G %a" /home/admin/note /etc/plow-test')).toBe(
    'admin:admin 600\nroot:root 644',
  );
  expect(await guest(address, 'cat /etc/plow-test /etc/own')).toBe(`a: 'b' %h \\n\tc\nown`);
  const addresses = await guest(address, 'ip -4 -br address');
  expect(addresses).toMatch(new RegExp(`UP +${address.replaceAll('.', '\\.')}/24`, 'u'));
  expect(addresses).toContain('10.78.0.100/25');
  expect(await guest(address, 'ip route show default')).toContain('via 10.77.0.11');
  expect((await guest(address, 'ip route show default')).split('\n')).toHaveLength(1);
  expect(await guest(address, 'cat /sys/class/net/*/mtu')).toContain('1400');
  expect(await guest(address, 'resolvectl dns')).toMatch(/10\.77\.0\.53 10\.77\.0\.54/u);
  expect(await guest(address, 'readlink /etc/localtime')).toContain('Europe/Vienna');
  expect(await guest(address, 'sshd -T | grep -i ^passwordauthentication')).toBe('passwordauthentication no');
  expect(await guest(address, 'ps -C agetty,login,bash -o args= | cat')).toMatch(/autologin|login -f|-bash/u);
  expect(await guest(address, 'cat /var/lib/commands')).toBe('root 100%');
  expect(await guest(address, 'systemctl is-system-running --wait || systemctl --failed')).not.toContain(
    'plow',
  );
}

/** What was done at the first boot is not done again. */
async function outlivesReboot(address: string): Promise<void> {
  const boot = await guest(address, 'cat /proc/sys/kernel/random/boot_id');
  await ssh(address, 'core', 'sudo systemctl reboot');
  await until('it runs again', async () => {
    const { code, stdout } = await ssh(address, 'core', 'cat /proc/sys/kernel/random/boot_id');
    return code === 0 && stdout.trim() !== boot;
  });
  expect(await guest(address, 'systemctl is-system-running --wait; cat /var/lib/commands')).toMatch(
    /^root 100%$/mu,
  );
  expect((await guest(address, 'cat /var/lib/commands')).split('\n')).toHaveLength(1);
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
  ] as const)('has all that its file says, by %s', async (network, address) => {
    const name = `ign-${network}`;
    await writeFile(join(work, 'own.ign'), ownConfig(network));
    const made = await create(name, vmYaml(name, address, network));
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('Ignition config generated') });
    expect(await lab.plow('h1', ['wait', name, '--timeout', '10m'])).toMatchObject({ code: 0, stderr: '' });
    await until('its commands have run', async () => {
      const { code } = await ssh(address, 'core', 'test -e "/var/lib/two words"');
      return code === 0;
    });
    await holds(name, address);
    await outlivesReboot(address);
    await lab.plow('h1', ['destroy', '--yes', name]);
    expect(differences(before, await lab.census('h1'))).toEqual([]);
  });

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
