import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { userData } from '../../../../src/provision/cloud-init/user-data.ts';
import { cloudInit, ED25519, fullMachine } from '../../machines.ts';
import {
  checkUserData,
  JUDGE_MS,
  readByPython,
  UNPACK_MS,
  unpackCloudInit,
} from '../../cloud-init/judges.ts';

const FULL = fullMachine().provisioning ?? cloudInit();

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

  const GUEST = cloudInit({
    users: [
      {
        name: 'admin',
        groups: ['sudo'],
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        shell: '/bin/bash',
        sshKeys: [ED25519],
      },
      { name: 'backup', groups: [], sudo: undefined, shell: undefined, sshKeys: [] },
    ],
    packages: ['nginx'],
    writeFiles: [
      { path: '/etc/motd', content: 'hi\n', owner: 'root:root', permissions: '0644' },
      { path: '/home/admin/a', content: 'a\tb\nno', owner: 'admin', permissions: '0600' },
    ],
    runCommands: ['echo hi', ['touch', '/a b']],
    timezone: 'Europe/Vienna',
  });

  it('has users, packages, files, commands and the time zone; files of users wait for them', () => {
    expect(userData(GUEST)).toMatchInlineSnapshot(`
      "#cloud-config
      hostname: my-vm
      disable_root: false
      users:
        - name: root
          lock_passwd: true
        - name: admin
          groups:
            - sudo
          sudo: ALL=(ALL) NOPASSWD:ALL
          shell: /bin/bash
          lock_passwd: true
          ssh_authorized_keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation
        - name: backup
          lock_passwd: true
      ssh_pwauth: false
      timezone: Europe/Vienna
      packages:
        - nginx
      write_files:
        - path: /etc/motd
          content: |
            hi
          owner: root:root
          permissions: "0644"
        - path: /home/admin/a
          content: "a\\tb\\nno"
          owner: admin
          permissions: "0600"
          defer: true
      runcmd:
        - echo hi
        - - touch
          - /a b
      "
    `);
  });

  it("adds to the user's own document what the configuration says, and changes no byte of it", () => {
    const own = '#cloud-config\n# mine\nbootcmd: [ls]\nwrite_files:\n  - {path: /a, permissions: 0644}';
    const unsaid = { userData: own, sshPasswordAuth: undefined };
    expect(userData(cloudInit(unsaid))).toBe(own);
    expect(userData(cloudInit({ ...unsaid, timezone: 'UTC' }))).toBe(`${own}\ntimezone: UTC\n`);
    expect(userData(cloudInit({ ...unsaid, fqdn: 'a.b', hostname: 'a', sshKeys: [ED25519] }))).toBe(
      `${own}\nhostname: a\nfqdn: a.b\nmanage_etc_hosts: localhost\ndisable_root: false\nusers:\n` +
        `  - name: root\n    lock_passwd: true\n    ssh_authorized_keys:\n      - ${ED25519}\n`,
    );
    const script = '#!/bin/sh\necho hi';
    expect(userData(cloudInit({ ...unsaid, userData: script }))).toBe(script);
  });

  it.each([
    ['everything', FULL],
    ['nothing', cloudInit()],
    ['users, packages, files and commands', GUEST],
    ['a document of its own', cloudInit({ userData: '#cloud-config\nbootcmd: [ls]\n', timezone: 'UTC' })],
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
      '<<',
      '=',
      '2024-01-01',
      '0x1f',
      '017',
      '1e3',
    ];
    const read = await readByPython(names.map((hostname) => userData(cloudInit({ hostname }))));
    expect(read).toMatchObject(names.map((hostname) => ({ hostname })));
  });
});
