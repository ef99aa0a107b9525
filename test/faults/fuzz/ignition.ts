import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Machine, Provisioning } from '../../../src/config/machine.ts';
import type { HostKeys } from '../../../src/provision/host-keys/open-ssh.ts';

interface Config {
  readonly ignition: { readonly version: string };
  readonly passwd?: {
    readonly users: readonly {
      readonly name: string;
      readonly passwordHash?: string;
      readonly groups?: readonly string[];
      readonly sshAuthorizedKeys?: readonly string[];
    }[];
  };
  readonly storage: {
    readonly files: readonly {
      readonly path: string;
      readonly mode: number;
      readonly user?: { readonly name: string };
      readonly group?: { readonly name: string };
      readonly contents: { readonly source: string; readonly compression?: string };
    }[];
    readonly links?: readonly { readonly path: string; readonly target: string }[];
  };
  readonly systemd?: { readonly units: readonly { readonly name: string }[] };
}

/** Holds the config of a machine against the machine, key by key. @throws AssertionError */
export function checkConfig(text: string, machine: Machine, hostKeys: HostKeys | undefined): void {
  const { provisioning } = machine;
  assert.ok(provisioning);
  const config = JSON.parse(text) as Config;
  assert.equal(config.ignition.version, '3.0.0');
  checkFiles(config, machine, provisioning, hostKeys);
  checkUsers(config, provisioning);
  const { timezone, writeFiles, consoleAutologin, runCommands } = provisioning;
  const isTaken = timezone === undefined || writeFiles.some(({ path }) => path === '/etc/localtime');
  assert.deepEqual(
    config.storage.links?.map(({ target }) => target),
    isTaken ? undefined : [`../usr/share/zoneinfo/${timezone}`],
  );
  const units = [
    ...(consoleAutologin ? ['serial-getty@.service'] : []),
    ...(runCommands.length > 0 ? ['plow-runcmd.service'] : []),
  ];
  assert.deepEqual(
    config.systemd?.units.map(({ name }) => name),
    units.length === 0 ? undefined : units,
  );
}

function checkFiles(
  { storage: { files } }: Config,
  { interfaces }: Machine,
  guest: Provisioning,
  hostKeys: HostKeys | undefined,
): void {
  const { fqdn, hostname, sshPasswordAuth, users, runCommands, writeFiles, ignition } = guest;
  const network = interfaces.map((_, index) =>
    ignition.network === 'networkd'
      ? `/etc/systemd/network/10-eth${index}.network`
      : `/etc/NetworkManager/system-connections/eth${index}.nmconnection`,
  );
  const keys = ['ed25519', 'ecdsa'].map((kind) => `/etc/ssh/ssh_host_${kind}_key`);
  const wanted = [
    '/etc/hostname',
    ...(hostKeys === undefined ? [] : keys.flatMap((key) => [key, `${key}.pub`])),
    ...(sshPasswordAuth === undefined ? [] : ['/etc/ssh/sshd_config.d/05-plow.conf']),
    ...users.flatMap(({ name, sudo }) => (sudo === undefined ? [] : [`/etc/sudoers.d/plow-${name}`])),
    ...network,
    ...(runCommands.length === 0 ? [] : ['/etc/plow/runcmd.sh']),
    ...writeFiles.map(({ path }) => path),
  ];
  assert.deepEqual(files.map(({ path }) => path).toSorted(), [...new Set(wanted)].toSorted());
  const texts = new Map(files.map(({ path, contents }) => [path, textOf(contents)]));
  const own = new Map(writeFiles.map((file) => [file.path, file]));
  if (!own.has('/etc/hostname')) assert.equal(texts.get('/etc/hostname'), `${fqdn ?? hostname}\n`);
  for (const { path, mode, user, group } of files) {
    const file = own.get(path);
    if (file === undefined) continue;
    assert.equal(texts.get(path), file.content);
    assert.equal(mode, Number.parseInt(file.permissions, 8));
    const [owner = 'root', owningGroup] = [user?.name, group?.name];
    assert.equal(
      [owner, ...(owningGroup === undefined ? [] : [owningGroup])].join(':'),
      shortOwner(file.owner),
    );
  }
  for (const [index, path] of network.entries()) {
    const { mac, address, prefixLength } = interfaces[index] ?? {};
    if (own.has(path)) continue;
    assert.ok(texts.get(path)?.includes(`=${mac}\n`), `no MAC address in ${path}`);
    assert.match(
      texts.get(path) ?? '',
      new RegExp(`=${address?.replaceAll('.', '\\.')}/${prefixLength}[,\n]`, 'u'),
    );
  }
}

function shortOwner(owner: string): string {
  return owner === 'root:root' ? 'root' : owner;
}

function checkUsers({ passwd }: Config, guest: Provisioning): void {
  const { users, sshKeys, rootPasswordHash, loginUser = 'core' } = guest;
  const found = new Map(passwd?.users.map((user) => [user.name, user]));
  assert.equal(found.size, passwd?.users.length ?? 0);
  assert.equal(found.get('root')?.passwordHash, rootPasswordHash);
  const wanted = [
    ...users.map(({ name }) => name),
    ...(sshKeys.length === 0 ? [] : [loginUser]),
    ...(rootPasswordHash === undefined ? [] : ['root']),
  ];
  assert.deepEqual([...found.keys()].toSorted(), [...new Set(wanted)].toSorted());
  for (const [name, { sshAuthorizedKeys = [], groups = [] }] of found) {
    const user = users.find((one) => one.name === name);
    const keys = [...(name === loginUser ? sshKeys : []), ...(user?.sshKeys ?? [])];
    assert.deepEqual(sshAuthorizedKeys, [...new Set(keys)]);
    assert.deepEqual(groups, [...new Set(user?.groups)]);
  }
}

function textOf({ source, compression }: Config['storage']['files'][number]['contents']): string {
  const [head, data = ''] = source.split(',', 2);
  assert.equal(head, 'data:;base64');
  const bytes = Buffer.from(data, 'base64');
  return (compression === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
}
