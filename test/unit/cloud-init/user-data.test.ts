import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { userData } from '../../../src/cloud-init/user-data.ts';
import { cloudInit, ED25519, fullMachine } from '../machines.ts';
import { checkUserData, JUDGE_MS, readByPython, UNPACK_MS, unpackCloudInit } from './judges.ts';

const FULL = fullMachine().cloudInit ?? cloudInit();

describe('user-data', () => {
  beforeAll(unpackCloudInit, UNPACK_MS);

  it('of a machine with everything sets names, keys and the password', () => {
    expect(userData(FULL)).toMatchInlineSnapshot(`
      "#cloud-config
      hostname: my-vm
      fqdn: my-vm.example.com
      manage_etc_hosts: localhost
      disable_root: false
      users:
        - name: root
          lock_passwd: false
          ssh_authorized_keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation2 with more words
      chpasswd:
        users:
          - name: root
            password: $6$saltsalt$canaryHashThatNobodyMayRead
            type: hash
        expire: false
      ssh_pwauth: true
      "
    `);
  });

  it('of a machine with nothing sets the host name, and root has no password', () => {
    expect(userData(cloudInit())).toMatchInlineSnapshot(`
      "#cloud-config
      hostname: my-vm
      disable_root: false
      users:
        - name: root
          lock_passwd: true
      ssh_pwauth: false
      "
    `);
  });

  it.each([
    ['everything', FULL],
    ['nothing', cloudInit()],
    ['a password and no key', cloudInit({ rootPasswordHash: '$y$j9T$salt$hash' })],
    ['many keys', cloudInit({ sshKeys: Array.from({ length: 50 }, (_, index) => `${ED25519}${index}`) })],
  ])(
    "with %s passes cloud-init's own schema",
    async (_, config) => {
      expect(await checkUserData(userData(config))).toBe('Valid cloud-config: user-data');
    },
    JUDGE_MS,
  );

  it.each([
    '$6$rounds=5000$./salt$./abcABC019',
    '$1$it\'s "quoted"$x',
    '$5$#:@`%&*!|>?[]{},-$~',
    '$2b$05$ends with a blank ',
    '$y$\u00e9\u{1f600}',
    `$6$${'long'.repeat(100)}`,
  ])('carries the hash %s as it is', async (hash) => {
    const document = userData(cloudInit({ rootPasswordHash: hash }));
    const expected = { chpasswd: { users: [{ name: 'root', password: hash, type: 'hash' }], expire: false } };
    expect(parse(document)).toMatchObject(expected);
    expect(await readByPython([document])).toMatchObject([expected]);
  });

  it.each([
    `${ED25519}: with # signs`,
    'ssh-rsa AAAA \u00e9\u{1f600} "a" \'b\'',
    'ssh-rsa AAAA \t!!python/object/apply:os.system [id]',
    "ssh-rsa AAAA \t- '\t",
    `ssh-rsa ${'A'.repeat(2000)}`,
  ])('carries the key %s as it is', async (key) => {
    const document = userData(cloudInit({ sshKeys: [key] }));
    expect(await readByPython([document])).toMatchObject([{ users: [{ ssh_authorized_keys: [key] }] }]);
  });

  it('keeps keys in their order', () => {
    const sshKeys = ['c', 'a', 'b'].map((comment) => `${ED25519}-${comment}`);
    expect(parse(userData(cloudInit({ sshKeys })))).toMatchObject({
      users: [{ ssh_authorized_keys: sshKeys }],
    });
  });

  it('has host names that YAML 1.1 would take for something else in quotes', async () => {
    const names = [
      'no',
      'on',
      'yes',
      'off',
      'null',
      'true',
      '10',
      '0b11',
      '1_000',
      '2024-01-01',
      '0x1f',
      '017',
      '1e3',
    ];
    const read = await readByPython(names.map((hostname) => userData(cloudInit({ hostname }))));
    expect(read).toMatchObject(names.map((hostname) => ({ hostname })));
  });
});
