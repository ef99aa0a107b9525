import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLOW } from '../integration/support.ts';
import { buildGuestImage } from '../lab/guest-image.ts';
import { startLab } from '../lab/lab.ts';
import type { Census, Finished, Lab } from '../lab/lab.ts';
import { run } from '../run.ts';

/** A guest under emulation takes 80 seconds on an idle machine. */
const BOOT_DEADLINE_MS = 600_000;
const ADDRESS = '10.77.0.100';
const ON_TERMINAL = fileURLToPath(new URL('../integration/on-terminal.py', import.meta.url));
/** crypt(3) of "correct horse", SHA-512. */
const PASSWORD = 'correct horse';

let lab: Lab;
let work: string;
let before: Census;
let passwordHash: string;

/** Asks the guest; the host key is new with every guest. */
function ssh(command: string, options: readonly string[] = []): Promise<Finished> {
  const quiet = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  const key = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', '-i', join(work, 'key')];
  return lab.exec('h1', [
    'ssh',
    ...quiet,
    ...(options.length > 0 ? options : key),
    ...(options.includes('-l') ? [] : ['-l', 'root']),
    ADDRESS,
    command,
  ]);
}

async function guest(command: string): Promise<string> {
  const { code, stdout, stderr } = await ssh(command);
  if (code !== 0) throw new Error(`in the guest, ${command} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

/** And until cloud-init is done: on its way it restarts sshd, which then refuses a connection. */
async function waitForSsh(): Promise<void> {
  const deadline = Date.now() + BOOT_DEADLINE_MS;
  for (;;) {
    const { code, stderr } = await ssh('cloud-init status --wait');
    if (code !== 255) return;
    if (Date.now() > deadline) throw new Error(`the guest does not answer: ${stderr}`);
    await sleep(2000);
  }
}

interface SeenAddress {
  readonly source: string;
  readonly address: string;
}

/** What plow list tells of the addresses that were seen, and how long it takes. */
async function listedAddresses(): Promise<{ seen: readonly SeenAddress[]; seconds: number }> {
  const started = performance.now();
  const { stdout } = await lab.plow('h1', ['list', '-o', 'json']);
  const seconds = (performance.now() - started) / 1000;
  const { vms } = JSON.parse(stdout) as { vms: readonly { addresses: { seen: readonly SeenAddress[] } }[] };
  return { seen: vms[0]?.addresses.seen ?? [], seconds };
}

/** A document of the user's own, to which plow adds. */
const OWN_USER_DATA = `#cloud-config
# mine
bootcmd:
  - [touch, /run/own-document]
`;

function vmYaml(): string {
  return `
name: Web-1
vcpus: 2
memory_gib: 1
boot_disk:
  size_gb: 4
  image: /var/lib/libvirt/images/debian.qcow2
data_disks:
  - { device: vdb, size_gb: 1 }
  - { device: vdc, size_gb: 3 }
network_interfaces:
  - ip: ${ADDRESS}/24
    gateway: 10.77.0.11
    dns_servers: [10.77.0.53, 10.77.0.54]
    bridge: br0
  - ip: 10.78.0.100/25
    gateway: 10.78.0.1
    bridge: br1
    mac: "52:54:00:12:34:56"
    mtu: 1400
description: A guest that is asked
cloud_init:
  fqdn: Web-1.Example.com
  user_data: own.yaml
  ssh_keys:
    - file: key.pub
  timezone: Europe/Vienna
  users:
    - name: admin
      groups: [adm]
      sudo: true
      shell: /bin/sh
      ssh_keys:
        - file: key.pub
  write_files:
    - path: /etc/plow-test
      content: "a: 'b'\\n\\tc"
    - path: /home/admin/note
      owner: admin
      permissions: "0600"
  runcmd:
    - echo "$(id -un)" > /run/text
    - [touch, "/run/two words"]
  root_password_hash: "${passwordHash}"
  ssh_pwauth: false
virt_type: qemu
`;
}

beforeAll(async () => {
  const image = await buildGuestImage('bookworm');
  lab = await startLab();
  work = await mkdtemp(join(tmpdir(), 'plow-e2e-'));
  await lab.addImage('h1', image, 'debian.qcow2');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'e2e', '-f', join(work, 'key')]);
  passwordHash = (await run('openssl', ['passwd', '-6', PASSWORD])).trim();
  await writeFile(join(work, 'own.yaml'), OWN_USER_DATA);
  await writeFile(join(work, 'vm.yaml'), vmYaml());
  before = await lab.census('h1');
});

afterAll(async () => {
  await lab?.stop();
  if (work !== undefined) await rm(work, { recursive: true });
});

describe('a VM from YAML to a guest that answers, and back to nothing', () => {
  it('is created, and boots until it lets the key in', async () => {
    expect(await lab.plow('h1', ['create', join(work, 'vm.yaml')])).toEqual({
      code: 0,
      stderr: `warning: ${join(work, 'vm.yaml')}:2:7: name: the VM is called 'web-1', in lower case\n`,
      stdout: `Creating VM 'web-1'...
✓ Configuration validated
✓ Storage created (4 GB boot + 4 GB data)
✓ Cloud-init ISO generated
✓ Domain defined
✓ VM started
Successfully created VM 'web-1'
`,
    });
    const waited = await lab.plow('h1', ['wait', 'web-1', '--for', 'cloud-init', '--timeout', '10m']);
    expect(waited).toMatchObject({ code: 0, stderr: '' });
    expect(await lab.plow('h1', ['wait', 'web-1'])).toMatchObject({ code: 0, stderr: '' });
    await waitForSsh();
  });

  it('has the host keys that plow made, no others, and plow ssh knows them without a question', async () => {
    const login = ['-i', join(work, 'key')];
    const asked = await lab.plow('h1', [
      'ssh',
      ...login,
      'web-1',
      '--',
      'id -un; ls /etc/ssh/ssh_host_*; exit 3',
    ]);
    expect(asked).toEqual({
      code: 3,
      stdout: `admin
/etc/ssh/ssh_host_ecdsa_key
/etc/ssh/ssh_host_ecdsa_key.pub
/etc/ssh/ssh_host_ed25519_key
/etc/ssh/ssh_host_ed25519_key.pub
`,
      stderr: '',
    });
    expect(await guest('stat --format=%a /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ecdsa_key')).toBe(
      '600\n600',
    );
    const root = await lab.plow('h1', ['ssh', ...login, '-l', 'root', 'web-1', 'sshd -t && echo sound']);
    expect(root).toMatchObject({ code: 0, stdout: 'sound\n' });
    const copied = await lab.plow('h1', ['scp', '-q', ...login, 'web-1:/etc/hostname', join(work, 'name')]);
    expect(copied).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(join(work, 'name'), 'utf8')).toBe('web-1\n');
  });

  it('shows in the list with its address', async () => {
    const { stdout } = await lab.plow('h1', ['list']);
    expect(stdout).toBe(
      `NAME       STATE     VCPUS  MEMORY  IP ADDRESS\nweb-1      running   2      1 GiB   ${ADDRESS}\n`,
    );
  });

  it('has run cloud-init without an error or a warning', async () => {
    const status = JSON.parse(await guest('cloud-init status --wait --format json')) as Record<
      string,
      unknown
    >;
    expect(status).toMatchObject({ status: 'done', errors: [], datasource: 'nocloud' });
    expect(await guest('cloud-init schema --system')).toContain('Valid');
    expect(await guest('grep -cE "WARNING|ERROR|DEPRECATED" /var/log/cloud-init.log || true')).toBe('0');
  });

  it('has the host name and the fqdn', async () => {
    expect(await guest('hostname')).toBe('web-1');
    expect(await guest('hostname --fqdn')).toBe('web-1.example.com');
  });

  it('has each address on the interface with its MAC address', async () => {
    const interfaces = JSON.parse(await guest('ip -json -4 address show')) as {
      ifname: string;
      address: string;
      addr_info: { local: string; prefixlen: number }[];
    }[];
    const links = JSON.parse(await guest('ip -json link show')) as { ifname: string; address: string }[];
    const found = interfaces
      .filter(({ ifname }) => ifname !== 'lo')
      .map(({ ifname, addr_info }) => ({
        ifname,
        mac: links.find((link) => link.ifname === ifname)?.address,
        addresses: addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      }));
    expect(found).toEqual([
      { ifname: 'eth0', mac: 'be:ef:0a:4d:00:64', addresses: [`${ADDRESS}/24`] },
      { ifname: 'eth1', mac: '52:54:00:12:34:56', addresses: ['10.78.0.100/25'] },
    ]);
  });

  it('has one default route, by the first interface', async () => {
    const routes = JSON.parse(await guest('ip -json -4 route show default')) as object[];
    expect(routes).toHaveLength(1);
    expect(routes[0]).toMatchObject({ gateway: '10.77.0.11', dev: 'eth0' });
  });

  it('asks the DNS servers of the first interface', async () => {
    expect(await guest('resolvectl dns eth0')).toMatch(/: 10\.77\.0\.53 10\.77\.0\.54$/u);
    expect(await guest('resolvectl dns eth1')).toMatch(/:$/u);
  });

  it('has its disks at their sizes, and a root file system that fills the boot disk', async () => {
    const { blockdevices } = JSON.parse(await guest('lsblk --json --bytes --nodeps')) as {
      blockdevices: { name: string; size: number }[];
    };
    const sizes = Object.fromEntries(blockdevices.map(({ name, size }) => [name, size / 2 ** 30]));
    expect(sizes).toMatchObject({ vda: 4, vdb: 1, vdc: 3 });
    expect(Number(await guest('df --output=size --block-size=1M / | tail -1'))).toBeGreaterThan(3500);
  });

  it("has root's password hash, and refuses the password over ssh", async () => {
    expect((await guest('grep ^root: /etc/shadow')).split(':')[1]).toBe(passwordHash);
    expect(await guest('sshd -T | grep -i ^passwordauthentication')).toBe('passwordauthentication no');
    const byPassword = await ssh('true', ['-o', 'PubkeyAuthentication=no', '-o', 'BatchMode=yes']);
    expect(byPassword.code).toBe(255);
    expect(byPassword.stderr).toContain('Permission denied (publickey)');
  });

  it('has the MTU, the time zone, the files and the user of the configuration, and ran its commands', async () => {
    expect(await guest('cat /sys/class/net/eth1/mtu')).toBe('1400');
    expect(await guest('readlink -f /etc/localtime')).toBe('/usr/share/zoneinfo/Europe/Vienna');
    expect(await guest('cat /etc/plow-test; stat --format=" %a %U:%G" /etc/plow-test')).toBe(
      "a: 'b'\n\tc 644 root:root",
    );
    expect(await guest('stat --format="%a %U %s" /home/admin/note')).toBe('600 admin 0');
    expect(await guest('cat /run/text; ls "/run/two words" /run/own-document')).toBe(
      'root\n/run/own-document\n/run/two words',
    );
    const asAdmin = ['-o', 'BatchMode=yes', '-i', join(work, 'key'), '-l', 'admin'];
    const admin = await ssh('id -nG; sudo -n id -un', asAdmin);
    expect(admin).toMatchObject({ code: 0, stdout: 'admin adm\nroot\n' });
  });

  it('asks for a login on its console', async () => {
    const steps = [
      ['see', 'Ctrl-] leaves it'],
      ['raw'],
      ['type', '\r'],
      ['see', 'web-1 login:'],
      ['type', '\u001D'],
      ['end'],
    ];
    const talk = ['python3', ON_TERMINAL, JSON.stringify(steps), ...PLOW, 'console', 'web-1'];
    const { stdout } = await lab.exec('h1', talk);
    expect(JSON.parse(stdout)).toMatchObject({ code: 0, restored: true });
  });

  it('reaches the guest agent', async () => {
    await guest('systemctl is-active --quiet qemu-guest-agent || systemctl start qemu-guest-agent');
    const ping = ['virsh', 'qemu-agent-command', 'web-1', '{"execute":"guest-ping"}'];
    expect(await lab.exec('h1', ping)).toMatchObject({ code: 0 });
  });

  it('tells by its agent that cloud-init is done, where the console does not', async () => {
    const wait = ['wait', '--for', 'cloud-init', '--timeout', '2m', 'web-1'];
    await lab.exec('h1', ['truncate', '-s', '0', '/var/lib/libvirt/images/web-1/console.log']);
    expect(await lab.plow('h1', wait)).toMatchObject({ code: 0 });
    expect((await lab.plow('h1', ['log', 'web-1'])).stdout).not.toContain('finished at');
  });

  it('sees at once that a disk has grown', async () => {
    expect(await lab.plow('h1', ['resize', '--disk', 'vda=5', 'web-1'])).toMatchObject({ code: 0 });
    expect(Number(await guest('lsblk --bytes --nodeps --noheadings -o SIZE /dev/vda'))).toBe(5 * 2 ** 30);
  });

  it('holds its file systems still while a snapshot is taken', async () => {
    expect(await lab.plow('h1', ['snapshot', 'create', 'web-1', 'one'])).toEqual({
      code: 0,
      stdout: "✓ Snapshot 'one' of VM 'web-1' taken\n",
      stderr: 'note: the guest held its file systems still: the snapshot is consistent\n',
    });
  });

  it('tells plow list its addresses', async () => {
    const { seen } = await listedAddresses();
    expect(seen).toContainEqual(
      expect.objectContaining({
        source: 'agent',
        address: ADDRESS,
        prefix_length: 24,
        mac: 'be:ef:0a:4d:00:64',
      }),
    );
    expect(seen.every(({ address }) => !/^(?:127\.|::1$|fe80)/u.test(address))).toBe(true);
  });

  it('keeps no list waiting when its guest agent hangs', async () => {
    await guest('systemctl kill --signal STOP qemu-guest-agent');
    const { seen, seconds } = await listedAddresses();
    expect({ seen, isSlow: seconds > 5 }).toEqual({ seen: [], isSlow: false });
    await guest('systemctl kill --signal CONT qemu-guest-agent');
  });

  it('is suspended and goes on as if nothing had been', async () => {
    const bootId = await guest('cat /proc/sys/kernel/random/boot_id');
    expect(await lab.plow('h1', ['suspend', 'web-1'])).toMatchObject({ code: 0, stderr: '' });
    expect((await ssh('true')).code).toBe(255);
    expect(await lab.plow('h1', ['resume', 'web-1'])).toMatchObject({ code: 0, stderr: '' });
    await waitForSsh();
    expect(await guest('cat /proc/sys/kernel/random/boot_id')).toBe(bootId);
  });

  it('shuts down when it is asked to, and is up again after a restart', async () => {
    const bootId = await guest('cat /proc/sys/kernel/random/boot_id');
    await guest('touch /var/tmp/kept && sync');
    const restarted = await lab.plow('h1', ['restart', '--timeout', '10m', 'web-1']);
    expect(restarted).toEqual({ code: 0, stdout: "✓ VM 'web-1' restarted\n", stderr: '' });
    await waitForSsh();
    expect(await guest('cat /proc/sys/kernel/random/boot_id')).not.toBe(bootId);
    // growpart runs with each boot: the root file system fills the disk that has grown.
    expect(Number(await guest('df --output=size --block-size=1M / | tail -1'))).toBeGreaterThan(4500);
    // It went down in order: the journal of the boot before has its end.
    const last = await guest('test -e /var/tmp/kept; journalctl -b -1 -o cat | tail -n 50');
    expect(last).toMatch(/Journal stopped|Reached target .*(?:Power-Off|poweroff|Shutdown)/u);
  });

  it('is destroyed, and leaves no domain, no file, no pool and no NVRAM', async () => {
    const { code, stdout } = await lab.plow('h1', ['destroy', 'web-1']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `Destroying VM 'web-1'...
✓ VM stopped
✓ Domain undefined
✓ Storage removed
Successfully destroyed VM 'web-1'
`,
    });
    expect(await lab.census('h1')).toEqual(before);
  });
});
