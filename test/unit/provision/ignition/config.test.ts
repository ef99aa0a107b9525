import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Provisioning } from '../../../../src/config/machine.ts';
import { ignitionConfig } from '../../../../src/provision/ignition/config.ts';
import { openSshKeys } from '../../../../src/provision/host-keys/open-ssh.ts';
import { KEY_PAIRS } from '../../key-pairs.ts';
import { cloudInit, ED25519, fullMachine, networkInterface, routedInterface } from '../../machines.ts';
import { hasJudge, validated } from './judges.ts';

function ignition(changes: Partial<Provisioning> = {}): Provisioning {
  return cloudInit({ section: 'provisioning', format: 'ignition', ...changes });
}

const WEB = fullMachine({ name: 'web' });
const KEYS = openSshKeys(KEY_PAIRS);
const USER = {
  name: 'admin',
  groups: ['wheel'],
  sudo: 'ALL=(ALL) ALL',
  shell: '/bin/sh',
  sshKeys: [ED25519],
};

const FULL = ignition({
  fqdn: 'web.example.com',
  hostname: 'web',
  sshKeys: [ED25519, ED25519],
  rootPasswordHash: '$6$salt$hash',
  sshPasswordAuth: true,
  users: [USER],
  writeFiles: [
    { path: '/etc/motd', content: 'hello\n', owner: 'admin:wheel', permissions: '0640' },
    { path: '/etc/large', content: 'x'.repeat(10_000), owner: 'root:root', permissions: '0755' },
  ],
  runCommands: ['a %h\nb', ['touch', "/root/a b's"]],
  timezone: 'Europe/Vienna',
  consoleAutologin: true,
});

/** What a config has at a path, its text unpacked. */
function contentOf(config: string, path: string): string | undefined {
  const { storage } = JSON.parse(config) as {
    storage: { files: { path: string; contents: { source: string; compression?: string } }[] };
  };
  const contents = storage.files.find((one) => one.path === path)?.contents;
  if (contents === undefined) return undefined;
  const bytes = Buffer.from(contents.source.replace('data:;base64,', ''), 'base64');
  return (contents.compression === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

it('is judged by Ignition itself', () => {
  expect(hasJudge()).toBe(true);
  expect(validated('{"ignition": {"version": "3.0.0"}, "storage": {"files": [{"path": "etc"}]}}')).toContain(
    'path',
  );
});

it.each([
  ['next to nothing', ignition()],
  ['everything', FULL],
  ['everything, with networkd', { ...FULL, ignition: { ...FULL.ignition, network: 'networkd' as const } }],
  [
    'a config of the user',
    { ...FULL, ignition: { ...FULL.ignition, config: '{"ignition":{"version":"3.0.0"}}' } },
  ],
  [
    'a long one',
    {
      ...FULL,
      ignition: { ...FULL.ignition, config: `{"ignition":{"version":"3.0.0"}${' '.repeat(9000)}}` },
    },
  ],
])('of %s is one that Ignition takes', (_, guest) => {
  const machine = { ...WEB, interfaces: [...WEB.interfaces, routedInterface()] };
  expect(validated(ignitionConfig(machine, guest, KEYS))).toBe('');
});

it('says what stands in the file', () => {
  const config = ignitionConfig(WEB, FULL, KEYS);
  expect(JSON.parse(config)).toMatchObject({
    ignition: { version: '3.0.0' },
    passwd: {
      users: [
        { name: 'root', passwordHash: '$6$salt$hash' },
        { name: 'core', sshAuthorizedKeys: [ED25519] },
        { name: 'admin', groups: ['wheel'], shell: '/bin/sh', sshAuthorizedKeys: [ED25519] },
      ],
    },
  });
  expect(contentOf(config, '/etc/hostname')).toBe('web.example.com\n');
  expect(contentOf(config, '/etc/sudoers.d/plow-admin')).toBe('admin ALL=(ALL) ALL\n');
  expect(contentOf(config, '/etc/large')).toBe('x'.repeat(10_000));
  expect(contentOf(config, '/etc/plow/runcmd.sh')).toMatch(/\na %h\nb\n.*\n'touch' '\/root\/a b'\\''s'\n$/u);
  expect(contentOf(config, '/etc/ssh/ssh_host_ed25519_key')).toBe(KEYS.ed25519.privateKey);
});

it('has the keys for whoever is to log in', () => {
  const config = ignitionConfig(WEB, { ...FULL, loginUser: 'admin', users: [{ ...USER, sshKeys: ['b'] }] });
  expect(JSON.parse(config)).toMatchObject({
    passwd: { users: [{ name: 'root' }, { name: 'admin', sshAuthorizedKeys: [ED25519, 'b'] }] },
  });
});

it('has a file of the user in place of one of plow, never both', () => {
  const own = { path: '/etc/hostname', content: 'mine', owner: 'root:root', permissions: '0600' };
  const config = ignitionConfig(WEB, ignition({ writeFiles: [own] }));
  expect(contentOf(config, '/etc/hostname')).toBe('mine');
  expect(validated(config)).toBe('');
});

it('finds an interface by its MAC address, with either manager of networks', () => {
  const machine = {
    ...WEB,
    interfaces: [networkInterface({ mtu: 1400 }), routedInterface({ defaultRoute: false })],
  };
  const byManager = ignitionConfig(machine, ignition());
  expect(contentOf(byManager, '/etc/NetworkManager/system-connections/eth0.nmconnection'))
    .toMatchInlineSnapshot(`
    "[connection]
    id=eth0
    type=ethernet

    [ethernet]
    mac-address=be:ef:0a:14:1e:28
    mtu=1400

    [ipv4]
    method=manual
    address1=10.20.30.40/24,10.20.30.1

    [ipv6]
    method=auto
    "
  `);
  expect(contentOf(byManager, '/etc/NetworkManager/system-connections/eth1.nmconnection')).toContain(
    'never-default=true',
  );
  const words = { ...ignition().ignition, network: 'networkd' as const };
  const byNetworkd = ignitionConfig(
    { ...WEB, interfaces: [routedInterface()] },
    ignition({ ignition: words }),
  );
  expect(contentOf(byNetworkd, '/etc/systemd/network/10-eth0.network')).toMatchInlineSnapshot(`
    "[Match]
    MACAddress=be:ef:0a:37:16:16

    [Network]
    Address=10.55.22.22/32

    [Route]
    Gateway=169.254.0.1
    GatewayOnLink=yes
    "
  `);
});

it('is the config of the user, byte for byte, where nothing else is said', () => {
  const config = '{ "ignition": {"version": "3.4.0"}}\n\n';
  const alone = ignition({ sshPasswordAuth: undefined, sshHostKeys: false });
  expect(ignitionConfig(WEB, { ...alone, ignition: { ...alone.ignition, config } })).toBe(config);
});
