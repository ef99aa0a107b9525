import { describe, expect, it } from 'vitest';

import { ED25519, outcome, SMALLEST } from './sample.ts';

const [, BLOB = ''] = ED25519.split(' ');
const TYPES =
  'ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com';
const PRIVATE =
  'this is a private key, which must never leave its owner: give the public key, the line in the .pub file';
const HASH_WANTED = 'must be a crypt hash such as $6$salt$hash';
const NOT_SHOWN = 'expected a crypt hash in quotes, such as "$6$salt$hash" (what was found is not shown)';

describe('an ssh key', () => {
  it.each([
    ['nothing but a type', 'ssh-ed25519', 'has no key after ssh-ed25519'],
    [
      'one that was cut off',
      `ssh-ed25519 ${BLOB.slice(0, -4)}`,
      'is not a whole ssh-ed25519 key: it was cut off or changed',
    ],
    [
      'one with an end too many',
      `ssh-ed25519 ${BLOB}AAAA`,
      'is not a whole ssh-ed25519 key: it was cut off or changed',
    ],
    ['three bytes', 'ssh-ed25519 AAAA', 'is not a whole ssh-ed25519 key: it was cut off or changed'],
    [
      'the one of a manual',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo...',
      'is not a key: what follows ssh-ed25519 is not base64',
    ],
    [
      'one of another type',
      `ssh-rsa ${BLOB}`,
      'is not a key: it says ssh-rsa, but what follows is of another type',
    ],
    ['ssh-dss', `ssh-dss ${BLOB}`, 'is not a key: it says ssh-dss, but what follows is of another type'],
    [
      'options and no key',
      `from="10.0.0.1 ${ED25519}`,
      `must be a public key, "type base64 comment" with a type of ${TYPES}`,
    ],
    ['a word', 'hello', `must be a public key, "type base64 comment" with a type of ${TYPES}, got "hello"`],
    ['the base64 alone', BLOB, `must be a public key, "type base64 comment" with a type of ${TYPES}`],
    ['__proto__', '__proto__ AAAA', `must be a public key, "type base64 comment" with a type of ${TYPES}`],
    ['two lines', `"${ED25519}\\n${ED25519}"`, 'must be one line; write each key as an item of the list'],
    [
      'two lines to YAML 1.1',
      `"${ED25519}\\u2028runcmd: [id]"`,
      'must be one line; write each key as an item of the list',
    ],
    ['a control character', `"${ED25519}\\e[2J"`, 'must not hold control characters'],
    ['a private key', '"-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXk"', PRIVATE],
    ['a number', '5', 'expected text, found the number 5 (put it in quotes)'],
  ])('cannot be %s', (_, key, text) => {
    expect(outcome(`${SMALLEST}cloud_init:\n  ssh_keys:\n    - ${key}\n`)).toStrictEqual([
      'validation',
      `vm.yaml:13:7: cloud_init.ssh_keys[0]: ${text}`,
    ]);
  });

  it('is not repeated when it is a private key in the wrong place', () => {
    const block = '|\n    -----BEGIN OPENSSH PRIVATE KEY-----\n    b3BlbnNzaC1rZXk\n';
    expect(outcome(`${SMALLEST}cloud_init:\n  ssh_keys: ${block}`)).toStrictEqual([
      'validation',
      'vm.yaml:12:13: cloud_init.ssh_keys: expected a list, found a secret, which is not shown (write each item on a line of its own, after "- ")',
    ]);
  });
});

describe('the root password hash', () => {
  it.each([
    [
      'hunter2secret',
      `${HASH_WANTED}, never the password itself: make one with "openssl passwd -6" or "mkpasswd"`,
    ],
    ['"$hunter2secret"', `${HASH_WANTED}; what follows the first $ does not look like one`],
    ['"$6$hunter2secret"', `${HASH_WANTED}; what follows the first $ does not look like one`],
    ['"$6$salt$hunter2secret:"', `${HASH_WANTED}; what follows the first $ does not look like one`],
    ['"$6$salt$hunter2secret\\n"', `${HASH_WANTED}; what follows the first $ does not look like one`],
    ['12345678', NOT_SHOWN],
    ['true', NOT_SHOWN],
    ['[hunter2secret]', NOT_SHOWN],
    ['null', NOT_SHOWN],
  ])('cannot be %s, and is not repeated', (value, text) => {
    const lines = outcome(`${SMALLEST}cloud_init:\n  root_password_hash: ${value}\n`);
    expect(lines).toStrictEqual(['validation', `vm.yaml:12:23: cloud_init.root_password_hash: ${text}`]);
    expect(lines.join('\n')).not.toMatch(/hunter2|1234/);
  });

  it.each([
    '*hunter2',
    '@hunter2',
    '!hunter2 x',
    '[hunter2',
    '"hunter2',
    '{hunter2]',
    '%hunter2',
    '|hunter2',
  ])('is not repeated when YAML stumbles over %s', (value) => {
    const lines = outcome(`${SMALLEST}cloud_init:\n  root_password_hash: ${value}\n`);
    expect(lines[0]).not.toBe('loaded');
    expect(lines.join('\n')).not.toMatch(/hunter2/);
  });

  it.each([
    ['as an unknown key', 'cloud_init: {"root:$6$salt$hash": x}\n'],
    ['under another key', 'autostart: $6$salt$hash\n'],
  ])('is not repeated %s', (_, line) => {
    expect(outcome(SMALLEST + line).join('\n')).not.toContain('salt');
  });
});

describe('the cloud_init section', () => {
  it.each([
    [
      '',
      '11:13: cloud_init: expected a map of keys, found nothing (write {} to set the host name only, or remove it for no seed ISO)',
    ],
    ['true', '11:13: cloud_init: expected a map of keys, found true'],
    [
      '{ssh_pwauth: no}',
      '11:26: cloud_init.ssh_pwauth: expected true or false, found the text "no"; did you mean false?',
    ],
    ['{ssh_key: []}', "11:14: cloud_init.ssh_key: unknown key; did you mean 'ssh_keys'?"],
    [
      '{colour: []}',
      '11:14: cloud_init.colour: unknown key; known here are fqdn, ssh_keys, root_password_hash, ssh_pwauth, ssh_host_keys, users, packages, write_files, runcmd, timezone, user_data, bus',
    ],
  ])('cannot be %j', (value, diagnostic) => {
    expect(outcome(`${SMALLEST}cloud_init: ${value}\n`)).toStrictEqual([
      'validation',
      `vm.yaml:${diagnostic}`,
    ]);
  });
});
