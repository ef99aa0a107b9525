import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import { oncePerText } from '../../../src/config/values/key-file.ts';
import type { FileTexts } from '../../../src/config/vm-file/referenced-files.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { ED25519, SMALLEST } from './sample.ts';

const DSA = `ssh-dss ${blob('ssh-dss', 20, 20, 20, 20)}`;
const SHORT_RSA = `ssh-rsa ${blob('ssh-rsa', 3, 128)}`;
const RSA = `ssh-rsa ${blob('ssh-rsa', 3, 256)}`;

/**
 * A key's blob of fields of these lengths, each number with its highest bit set and a zero byte before it
 * (RFC 4251 5).
 */
function blob(type: string, ...lengths: readonly number[]): string {
  const fields = lengths.map((length) =>
    Buffer.concat([Buffer.from([0, 0x80]), Buffer.alloc(length - 1, 7)]),
  );
  return Buffer.concat(
    [Buffer.from(type), ...fields].flatMap((field) => {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(field.length);
      return [size, field];
    }),
  ).toString('base64');
}

const OWN = '#cloud-config\nbootcmd:\n  - echo hi\n';

/** What loading says: with these lines in cloud_init, and these files beside the configuration. */
function told(lines: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const texts: FileTexts = new Map(Object.entries(files));
  try {
    const { warnings } = loadMachine('vm.yaml', withGuest(lines), { virtType: undefined }, texts);
    return ['loaded', ...warnings];
  } catch (error) {
    if (error instanceof PlowError) return error.message.split('\n');
    throw error;
  }
}

function withGuest(lines: string): string {
  return `${SMALLEST}cloud_init:\n${lines.replaceAll(/^/gmu, '  ')}\n`;
}

function guestOf(lines: string, files: Readonly<Record<string, string>> = {}): unknown {
  const texts: FileTexts = new Map(Object.entries(files));
  return loadMachine('vm.yaml', withGuest(lines), { virtType: undefined }, texts).machine.provisioning;
}

const added = (own: string): readonly string[] => told('packages: [b]\nuser_data: own', { own });

describe('users', () => {
  it('have groups, a shell, keys, and sudo as a rule', () => {
    const lines = `users:
  - {name: admin, groups: [sudo, docker], sudo: true, shell: /bin/zsh, ssh_keys: ["${ED25519}"]}
  - {name: backup, sudo: "ALL=(root) /usr/bin/rsync"}
  - {name: nobody2, sudo: false}`;
    expect(guestOf(lines)).toMatchObject({
      users: [
        {
          name: 'admin',
          groups: ['sudo', 'docker'],
          sudo: 'ALL=(ALL) NOPASSWD:ALL',
          shell: '/bin/zsh',
          sshKeys: [ED25519],
        },
        { name: 'backup', groups: [], sudo: 'ALL=(root) /usr/bin/rsync', shell: undefined, sshKeys: [] },
        { name: 'nobody2', groups: [], sudo: undefined, shell: undefined, sshKeys: [] },
      ],
    });
  });

  it.each([
    ['{name: root}', "name: root is not one of these: ssh_keys and root_password_hash above are root's"],
    ['{name: Admin}', 'name: must hold only a-z, 0-9, - and _, and not start with a digit, got "Admin"'],
    [
      '{name: a, groups: [wheel, a b]}',
      'groups[1]: must hold only a-z, 0-9, - and _, and not start with a digit, got "a b"',
    ],
    ['{name: a, sudo: maybe}', 'sudo: must be a rule such as "ALL=(ALL) NOPASSWD:ALL", or true, got "maybe"'],
    ['{name: a, sudo: 5}', 'sudo: expected true or false, found the number 5'],
    ['{name: a, shell: bash}', 'shell: must be an absolute path in the guest, starting with /, got "bash"'],
    ['{name: a, ssh_keys: [x]}', 'ssh_keys[0]: must be a public key,'],
    ['{name: a, pasword: x}', 'pasword: unknown key; known here are name, groups, sudo, shell, ssh_keys'],
    ['{}', 'name: is required (text)'],
  ])('cannot be %s', (user, diagnostic) => {
    const [first, ...more] = told(`users:\n  - ${user}`);
    expect(first).toContain(`: cloud_init.users[0].${diagnostic}`);
    expect(more).toStrictEqual([]);
  });

  it('have names of their own', () => {
    expect(told('users: [{name: a}, {name: b}, {name: a}]')).toStrictEqual([
      'vm.yaml:12:40: cloud_init.users[2].name: a is already the name of cloud_init.users[0]',
    ]);
  });
});

describe('files to write', () => {
  it("are root's and readable by all unless they say otherwise", () => {
    const lines =
      'write_files: [{path: /a}, {path: /b, content: "x\\n", owner: "me:us", permissions: "0600"}]';
    expect(guestOf(lines)).toMatchObject({
      writeFiles: [
        { path: '/a', content: '', owner: 'root:root', permissions: '0644' },
        { path: '/b', content: 'x\n', owner: 'me:us', permissions: '0600' },
      ],
    });
  });

  it.each([
    ['{path: etc/motd}', 'path: must be an absolute path in the guest, starting with /, got "etc/motd"'],
    ['{path: /etc/}', 'path: must name a file, not a directory, got "/etc/"'],
    ['{path: /a, permissions: 0644}', 'permissions: expected text, found the number 644 (put it in quotes)'],
    ['{path: /a, permissions: "999"}', 'permissions: must be a mode in octal, such as "0644", got "999"'],
    ['{path: /a, owner: "a:b:c"}', 'owner: must be a user, or user:group, got "a:b:c"'],
    [
      '{path: /a, content: "\\a secret"}',
      'content: must be text without control characters (but tabs and ends of lines)',
    ],
  ])('cannot be %s', (file, diagnostic) => {
    const [first, ...more] = told(`write_files:\n  - ${file}`);
    expect(first).toContain(`: cloud_init.write_files[0].${diagnostic}`);
    expect(more).toStrictEqual([]);
  });

  it('are each written once', () => {
    expect(told('write_files: [{path: /a}, {path: /a}]')).toStrictEqual([
      'vm.yaml:12:36: cloud_init.write_files[1].path: /a is already the path of cloud_init.write_files[0]',
    ]);
  });
});

describe('packages, commands and the time zone', () => {
  it('are taken as they are', () => {
    expect(
      guestOf('packages: [nginx, "linux-image-amd64=6.1*"]\nruncmd: [ls, [a, "b c"]]\ntimezone: Etc/UTC'),
    ).toMatchObject({
      packages: ['nginx', 'linux-image-amd64=6.1*'],
      runCommands: ['ls', ['a', 'b c']],
      timezone: 'Etc/UTC',
    });
  });

  it.each([
    ['packages: [-y]', 'packages[0]: must be the name of a package, got "-y"'],
    ['packages: ["a; b"]', 'packages[0]: must be the name of a package, got "a; b"'],
    [
      'packages: nginx',
      'packages: expected a list, found the text "nginx" (write each item on a line of its own, after "- ")',
    ],
    ['runcmd: [""]', 'runcmd[0]: must not be empty'],
    ['runcmd: [[]]', 'runcmd[0]: must have at least 1 item, has 0'],
    ['runcmd: [[ls, 5]]', 'runcmd[0][1]: expected text, found the number 5 (put it in quotes)'],
    [
      'timezone: Central Europe',
      'timezone: must be a time zone such as Europe/Vienna or Etc/UTC, got "Central Europe"',
    ],
    ['bus: ide', 'bus: must be scsi or virtio or sata, got "ide"'],
  ])('cannot be %s', (line, diagnostic) => {
    const [first, ...more] = told(line);
    expect(first).toContain(`: cloud_init.${diagnostic}`);
    expect(more).toStrictEqual([]);
  });

  it('warn of a zone that nobody knows', () => {
    expect(told('timezone: europe/vienna')).toStrictEqual(['loaded']);
    expect(told('timezone: Europe/Viena')).toStrictEqual([
      'loaded',
      "vm.yaml:12:13: cloud_init.timezone: 'Europe/Viena' is no time zone that is known here; did you mean 'Europe/Vienna'?",
    ]);
  });
});

describe('keys', () => {
  it('may have options and a comment', () => {
    const key = `command="echo \\"a b\\"",no-pty ${ED25519}`;
    expect(guestOf(`ssh_keys: ['${key}']`)).toMatchObject({ sshKeys: [key] });
  });

  it('of a file count once, under however many names, and the file is looked through once', () => {
    const text = `${ED25519}\n${RSA}\n`;
    expect(
      guestOf('ssh_keys: [{file: a}, {file: ./a}, {file: b}]', { a: text, './a': text, b: RSA }),
    ).toMatchObject({
      sshKeys: [ED25519, RSA, RSA],
    });
    let times = 0;
    const lengthOf = oncePerText((keys) => {
      times += 1;
      return keys.length;
    });
    expect([text, text, RSA, text].map(lengthOf)).toStrictEqual(
      [text, text, RSA, text].map(({ length }) => length),
    );
    expect(times).toBe(2);
  });

  it('may come from files, with comments and empty lines', () => {
    const files = { 'keys/a.pub': `# mine\r\n\r\n${ED25519}\r\n  from="10.0.0.0/8" ${RSA}\n` };
    expect(guestOf(`ssh_keys: [{file: keys/a.pub}, "${RSA}"]`, files)).toMatchObject({
      sshKeys: [ED25519, `from="10.0.0.0/8" ${RSA}`, RSA],
    });
  });

  it.each([
    ['one that is empty', '\n# nothing\n', 'holds no public key'],
    ['a private one', '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n', 'this is a private key'],
    ['a line that is none', `${ED25519}\nhello\n`, 'line 2: must be a public key'],
  ])('cannot come from %s', (_, text, diagnostic) => {
    const [first, ...more] = told('ssh_keys:\n  - file: a.pub', { 'a.pub': text });
    expect(first).toContain(`vm.yaml:13:13: cloud_init.ssh_keys[0].file: "a.pub" ${diagnostic}`);
    expect(more).toStrictEqual([]);
  });

  it.each([
    ['ssh-dss', DSA, 'OpenSSH takes no ssh-dss keys any more (since 7.0); use an ssh-ed25519 key'],
    [
      'short',
      SHORT_RSA,
      'an RSA key of 1024 bits is too short, and some guests refuse it: use 2048 or more, or an ssh-ed25519 key',
    ],
  ])('that are %s are taken with a warning', (_, key, warning) => {
    expect(told(`ssh_keys: ["${key}"]`)).toStrictEqual([
      'loaded',
      `vm.yaml:12:14: cloud_init.ssh_keys[0]: ${warning}`,
    ]);
    expect(told('ssh_keys: [{file: a}]', { a: `${key}\n${key}\n` })).toStrictEqual([
      'loaded',
      `vm.yaml:12:14: cloud_init.ssh_keys[0]: ${warning}`,
    ]);
  });

  it('of enough bits are taken in silence', () => {
    expect(told(`ssh_keys: ["${RSA}"]`)).toStrictEqual(['loaded']);
  });
});

describe("a document of the user's own", () => {
  it('is taken as it is', () => {
    expect(guestOf('user_data: own.yaml', { 'own.yaml': OWN })).toMatchObject({
      userData: OWN,
      sshPasswordAuth: undefined,
    });
  });

  it.each([
    ['#!/bin/sh\necho hi\n'],
    ['## template: jinja\n#cloud-config\n{}\n'],
    ['#include\nhttps://example.com/a\n'],
    ['Content-Type: multipart/mixed; boundary="x"\n'],
    ['#cloud-config\n'],
    ['#cloud-config\n{"a": 1}\n'],
  ])('may be %j', (text) => {
    expect(told('ssh_host_keys: false\nuser_data: own', { own: text })).toStrictEqual(['loaded']);
  });

  it.each([
    [
      'bootcmd: []\n',
      'does not begin as cloud-init wants it: with #cloud-config, or #! for a script, as its very first line',
    ],
    [
      '\n#cloud-config\n',
      'does not begin as cloud-init wants it: with #cloud-config, or #! for a script, as its very first line',
    ],
    ['#cloud-config\na: [\n', 'own:3:1: '],
    ['#cloud-config\na: 1\na: 2\n', 'own:3:1: the key appears twice'],
    ['#cloud-config\n- a\n', 'must hold a map of keys'],
  ])('cannot be %j', (text, diagnostic) => {
    const [first, ...more] = told('user_data: own', { own: text });
    expect(first).toContain(`vm.yaml:12:14: cloud_init.user_data: ${diagnostic}`);
    expect(more).toStrictEqual([]);
  });

  it('must leave to plow what else the section says', () => {
    const own = '#cloud-config\npackages: [a]\nusers: []\n';
    const lines = `fqdn: a.example.com\nssh_keys: ["${ED25519}"]\npackages: [b]\nuser_data: own`;
    expect(told(lines, { own })).toStrictEqual([
      'vm.yaml:15:14: cloud_init.user_data: own:3:1 sets users, and so does ssh_keys here: keep one of them',
    ]);
    expect(told('packages: [b]\nuser_data: own', { own })).toStrictEqual([
      'vm.yaml:13:14: cloud_init.user_data: own:2:1 sets packages, and so does packages here: keep one of them',
    ]);
  });

  it('must be a #cloud-config in block form where plow has to add to it', () => {
    expect(added(OWN)).toStrictEqual(['loaded']);
    expect(added('#!/bin/sh\n')).toStrictEqual([
      'vm.yaml:13:14: cloud_init.user_data: is not a #cloud-config document, so plow cannot add packages to it: remove them here, or say it there',
    ]);
    for (const own of ['#cloud-config\n{a: 1}\n', '#cloud-config\na: 1\n...\n', '#cloud-config\n  a: 1\n']) {
      expect(added(own)).toStrictEqual([
        'vm.yaml:13:14: cloud_init.user_data: plow cannot add packages at its end: write its keys one below the other, at the left edge, without "..." after them',
      ]);
    }
  });
});

describe('a file that was not read', () => {
  it('is told where it is named, with the reason', () => {
    const texts: FileTexts = new Map([
      ['a.pub', { problem: 'cannot be read: no such file' }],
      ['own', { problem: 'cannot be read: permission denied' }],
    ]);
    const text = withGuest('ssh_keys: [{file: a.pub}]\nuser_data: own');
    expect(() => loadMachine('vm.yaml', text, { virtType: undefined }, texts)).toThrow(
      'vm.yaml:12:21: cloud_init.ssh_keys[0].file: "a.pub" cannot be read: no such file\n' +
        'vm.yaml:13:14: cloud_init.user_data: "own" cannot be read: permission denied',
    );
  });
});

function hasThem(lines: string, files: Readonly<Record<string, string>> = {}): boolean {
  return (guestOf(lines, files) as { readonly sshHostKeys: boolean }).sshHostKeys;
}

describe('host keys', () => {
  it('are made unless that is turned off', () => {
    expect(hasThem('fqdn: a.example.com')).toBe(true);
    expect(hasThem('ssh_host_keys: true')).toBe(true);
    expect(hasThem('ssh_host_keys: false')).toBe(false);
    expect(hasThem('user_data: own', { own: OWN })).toBe(true);
  });

  it.each([['#!/bin/sh\necho hi\n'], ['#cloud-config\n{"a": 1}\n']])(
    'are not made where they cannot be added, to %j, which is said, and is no mistake unless they are asked for',
    (own) => {
      expect(hasThem('user_data: own', { own })).toBe(false);
      expect(told('user_data: own', { own })).toStrictEqual([
        'loaded',
        expect.stringMatching(/can add no keys, so plow makes no host keys .* ssh_host_keys: false/u),
      ]);
      expect(told('ssh_host_keys: true\nuser_data: own', { own })[0]).toMatch(/cannot add ssh_host_keys/u);
    },
  );

  it.each(['ssh_keys: {}', 'ssh_deletekeys: false', 'ssh_genkeytypes: [rsa]'])(
    'are those of a document with %s, which is said',
    (line) => {
      const own = `${OWN}${line}\n`;
      const [key = ''] = line.split(':');
      expect(hasThem('user_data: own', { own })).toBe(false);
      expect(told('user_data: own', { own })).toStrictEqual([
        'loaded',
        `vm.yaml:12:14: cloud_init.user_data: sets ${key}, so plow makes no host keys and plow ssh cannot check them; with ssh_host_keys: false this is not said`,
      ]);
      expect(told('ssh_host_keys: false\nuser_data: own', { own })).toStrictEqual(['loaded']);
      expect(told('ssh_host_keys: true\nuser_data: own', { own })).toStrictEqual([
        `vm.yaml:13:14: cloud_init.user_data: own:4:1 sets ${key}, and so does ssh_host_keys here: keep one of them`,
      ]);
    },
  );
});
