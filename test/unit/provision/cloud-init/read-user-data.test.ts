import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUserData } from '../../../../src/provision/cloud-init/read-user-data.ts';
import { ED25519 } from '../../machines.ts';

const HASH = `$6$saltsalt$${'x'.repeat(86)}`;

function read(...lines: readonly string[]): ReturnType<typeof readUserData> {
  return readUserData(['#cloud-config', ...lines, ''].join('\n'));
}

/** Without what the document does not say. */
function guestIn(...lines: readonly string[]): object {
  const { guest = {}, unread = ['all'] } = read(...lines) ?? {};
  expect(unread).toStrictEqual([]);
  return Object.fromEntries(
    Object.entries(guest).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

describe('user-data of the original design', () => {
  it('is read whole', () => {
    const facts = read(
      'hostname: my-vm',
      'fqdn: My-VM.example.com',
      'users:',
      '  - name: root',
      `    ssh_authorized_keys: ["${ED25519}"]`,
      'chpasswd:',
      '  list: |',
      `    root:${HASH}`,
      '  expire: false',
      'ssh_pwauth: no',
    );
    expect(facts).toStrictEqual({
      guest: {
        fqdn: 'my-vm.example.com',
        ssh_keys: [ED25519],
        root_password_hash: HASH,
        users: [],
        ssh_pwauth: false,
        timezone: undefined,
        packages: [],
        write_files: [],
        runcmd: [],
      },
      hostname: 'my-vm',
      unread: [],
      keysOfDefaultUser: false,
    });
  });
});

describe('a key', () => {
  it.each([
    ['a host name with dots is an fqdn', ['hostname: web.example.com'], { fqdn: 'web.example.com' }],
    [
      'chpasswd as a list',
      ['chpasswd:', `  list: ["root:${HASH}"]`, '  expire: False'],
      { root_password_hash: HASH },
    ],
    [
      'chpasswd of today',
      ['chpasswd:', '  users:', `    - {name: root, password: "${HASH}", type: hash}`, '  expire: false'],
      { root_password_hash: HASH },
    ],
    [
      'hashed_passwd of root',
      ['users:', `  - {name: root, hashed_passwd: "${HASH}"}`],
      { root_password_hash: HASH },
    ],
    [
      'a mode without quotes',
      ['write_files:', '  - {path: /a, permissions: 0600}'],
      file({ permissions: '0600' }),
    ],
    ['base64', ['write_files:', '  - {path: /a, encoding: b64, content: YcO8}'], file({ content: 'aü' })],
    [
      'bytes',
      ['write_files:', '  - path: /a', '    content: !!binary |', '      YcO8'],
      file({ content: 'aü' }),
    ],
    ['a command with numbers', ['runcmd:', '  - [sleep, 5]', '  - ls'], { runcmd: [['sleep', '5'], 'ls'] }],
    ['one package', ['packages: nginx'], { packages: ['nginx'] }],
    ['nothing', [], {}],
  ])('is read: %s', (_, lines, guest) => {
    expect(guestIn(...lines)).toStrictEqual(guest);
  });

  it('of users is read', () => {
    const users = guestIn(
      'users:',
      '  - name: admin',
      '    groups: adm, sudo',
      '    sudo: ["ALL=(ALL) NOPASSWD:ALL"]',
      '    shell: /bin/bash',
      '    lock_passwd: true',
      `    ssh-authorized-keys: ["${ED25519}"]`,
      '  - {name: op, sudo: "ALL=(ALL) /bin/ls"}',
      '  - plain',
    );
    const rest = { groups: [], shell: undefined, ssh_keys: [] };
    expect(users).toStrictEqual({
      users: [
        { name: 'admin', groups: ['adm', 'sudo'], sudo: true, shell: '/bin/bash', ssh_keys: [ED25519] },
        { ...rest, name: 'op', sudo: 'ALL=(ALL) /bin/ls' },
        { ...rest, name: 'plain', sudo: false },
      ],
    });
  });

  it("of the image's own user is told", () => {
    expect(read(`ssh_authorized_keys: ["${ED25519}"]`)).toMatchObject({
      guest: { ssh_keys: [ED25519] },
      keysOfDefaultUser: true,
    });
  });
});

describe('what plow has no words for', () => {
  it.each([
    [
      ['apt: {http_proxy: x}', 'growpart: {mode: auto}'],
      ['apt', 'growpart'],
    ],
    [['users: [default]'], ['users[0]']],
    [
      ['users:', '  - {name: admin, uid: 1000, passwd: "$6$a$b"}'],
      ['users[0].uid', 'users[0].passwd'],
    ],
    [['users:', '  - {name: admin, lock_passwd: false}'], ['users[0].lock_passwd']],
    [
      ['users:', '  - {name: root, sudo: x, groups: y}'],
      ['users[0].sudo', 'users[0].groups'],
    ],
    [['chpasswd: {list: "root:secret", expire: false}'], ['chpasswd.list[0]', 'chpasswd.expire']],
    [
      ['chpasswd:', '  list: |', `    root:${HASH}`, '    admin:x', '  expire: false'],
      ['chpasswd.list[0]', 'chpasswd.expire'],
    ],
    [
      ['chpasswd:', '  users:', `    - {name: root, password: "${HASH}", type: hash}`, '  expire: true'],
      ['chpasswd.expire'],
    ],
    [['fqdn: web'], ['fqdn']],
    [['manage_etc_hosts: true'], ['manage_etc_hosts']],
    [['disable_root: true'], ['disable_root']],
    [['packages: [[nginx, 1.2]]'], ['packages[0]']],
    [['write_files:', '  - {path: /a, append: true}'], ['write_files[0].append']],
    [
      ['write_files:', '  - {path: /a, content: H4sI, encoding: gz+b64}', '  - {content: x}'],
      ['write_files[0]', 'write_files[1]'],
    ],
    [['runcmd: [[ls, [x]], ""]'], ['runcmd[0]', 'runcmd[1]']],
    [['ssh_pwauth: unchanged'], ['ssh_pwauth']],
    [['ssh_authorized_keys: [nonsense]'], ['ssh_authorized_keys[0]']],
  ])('is named: %j', (lines, unread) => {
    expect(read(...lines)?.unread).toStrictEqual(unread);
  });

  it.each([
    ['a script', '#!/bin/sh\nls\n'],
    ['MIME', 'Content-Type: multipart/mixed; boundary="x"\n'],
    ['a template', '## template: jinja\n#cloud-config\n{}\n'],
    ['broken YAML', '#cloud-config\na: [\n'],
    ['no map', '#cloud-config\n- a\n'],
    ['a tag', '#cloud-config\na: !x 1\n'],
    ['nothing', ''],
  ])('may be the whole document: %s', (_, document) => {
    expect(readUserData(document)).toBeUndefined();
  });

  it('never makes a reader fail', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const keys =
      'hostname fqdn users chpasswd ssh_pwauth packages write_files runcmd timezone disable_root'.split(' ');
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (content) => {
        expect(readUserData(`#cloud-config\n${JSON.stringify(content)}`)).toBeDefined();
      }),
    );
  });
});

function file(changes: object): object {
  return {
    write_files: [{ path: '/a', content: '', owner: 'root:root', permissions: '0644', ...changes }],
  };
}
