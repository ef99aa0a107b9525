import { describe, expect, it } from 'vitest';

import { excerptAt } from '../../../../src/config/diagnostics/excerpt.ts';
import { secretRanges } from '../../../../src/config/diagnostics/secrets.ts';
import { quote, show } from '../../../../src/text/quote.ts';
import { readYaml } from '../../../../src/config/yaml/tree.ts';
import { ED25519 } from '../sample.ts';

const MASK = '(a secret, not shown)';
const HASH = `$6$saltsalt$${'aB3/'.repeat(21)}aB`;

/** Every line of a text as a frame may show it. */
function shown(text: string): string {
  const { root } = readYaml(text);
  const secrets = secretRanges(text, root);
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return starts.map((start) => excerptAt(text, [start, start], secrets).text).join('\n');
}

describe('what is shown of a file', () => {
  it('is all of it where there is no secret', () => {
    const text = `
name: hashicorp-vault
boot_disk: {image: /var/lib/libvirt/images/Debian-12-generic-amd64-20240101-1000.qcow2}
cpu_mode: host-passthrough # let it pass
cloud_init:
  ssh_pwauth: yes
  ssh_keys: [${ED25519}]
  fqdn: secret.example.com
# root_password_hash is optional
`;
    expect(shown(text)).toBe(text);
  });

  it.each([
    ['a hash', HASH],
    ['a hash in quotes', `"${HASH}"`],
    ['a password', 'hunter2'],
    ['a number', '12345678'],
    ['an escape', '"hunter\\x32"'],
    ['a list', '[hunter2, hunter2]'],
    ['a map', '{hunter2: hunter2}'],
    ['a text without its end', '"hunter2'],
    ['a comment', '# hunter2'],
    ['a tag', '!hunter2 hunter2'],
    ['what is no YAML', '@hunter2'],
  ])('has no value of root_password_hash, be it %s', (_, value) => {
    expect(shown(`cloud_init:\n  root_password_hash: ${value}\n  fqdn: a.b`)).toBe(
      `cloud_init:\n  root_password_hash: ${MASK}\n  fqdn: a.b`,
    );
  });

  it.each(['|', '>-', '"', "'"])('has no line of a value that begins with %s', (sign) => {
    const end = /["']/.test(sign) ? sign : '';
    expect(shown(`root_password_hash: ${sign}\n  hunter2\n\n  hunter2${end}\nname: a`)).toBe(
      `root_password_hash: ${MASK}\n${MASK}\n${MASK}\n${MASK}\nname: a`,
    );
  });

  it('has no secret of the lines below its key, in what is no YAML either', () => {
    const lines = `  root_password_hash:\n    hunter2\n     - hunter2\n  fqdn: a.b`;
    expect(shown(`name: @\ncloud_init:\n${lines}\nroot: {`)).toBe(
      `name: @\ncloud_init:\n  root_password_hash:\n    ${MASK}\n     ${MASK}\n  fqdn: a.b\nroot: {`,
    );
  });

  it.each([
    ['root_pasword_hash'],
    ['root_pasword'],
    ['root_password'],
    ['rootPasswd'],
    ['"root_pass\\x77ord_hash"'],
    ['root_pw'],
    ['pwd'],
    ['passphrase'],
    ['api-token'],
    ['private_key'],
  ])('has no value of the key %s', (key) => {
    expect(shown(`cloud_init: {a: 1, ${key}: hunter2}`)).not.toContain('hunter2');
  });

  it.each([
    ['of an alias', 'x: &p hunter2\nroot_password_hash: *p'],
    ['of an alias of an alias', 'x: &p hunter2\ny: &q {root_password_hash: *p}\ncloud_init: *q'],
    ['of an alias in a list', 'x: &p hunter2\nroot_password_hash: [[*p]]'],
    ['that is there twice', 'root_password_hash: hunter2\nroot_password_hash: hunter2'],
    ['of a key with a question mark', '? root_password_hash\n: hunter2'],
    ['of a list as a key', '? [root_password_hash]\n: hunter2'],
    ['on the next line of a flow map', '{cloud_init: {root_password_hash:\n hunter2}}'],
    ['in a comment', 'name: a # the password: hunter2'],
    ['in a comment of its own', '# root password = hunter2\nname: a'],
    ['behind other documents', 'a: 1\n---\nroot_password_hash: hunter2'],
  ])('has no secret %s', (_, text) => {
    expect(shown(text)).not.toContain('hunter2');
  });

  it.each([
    ['the value of another key', `name: ${HASH}`],
    ['a key', `"${HASH}": 1`],
    ['an item of a list', `ssh_keys:\n  - ${HASH}`],
    ['a comment', `# ${HASH}`],
    ['a text with escapes', `name: "\\x24${HASH.slice(1)}"`],
    ['a text in two lines', `name: "${HASH.slice(0, 20)}\\\n  ${HASH.slice(20)}"`],
    ['a text without its beginning', `name: ${HASH.slice(4)}`],
    ['what is no YAML', `name: "${HASH}`],
  ])('has no hash as %s', (_, text) => {
    const lines = shown(text);
    for (let at = 0; at + 12 <= HASH.length; at += 4) expect(lines).not.toContain(HASH.slice(at, at + 12));
  });

  it.each([
    ['a block', '  - |\n    BEGIN\n    body\n    END\n'],
    ['items of a list', '  - BEGIN\n  - body\n  - END\n'],
    ['a text without its end', '  - "BEGIN\n    body\n'],
    ['a comment', '  # BEGIN\n  # body\n  # END\n'],
    ['one line', '  - "BEGIN\\nbody\\nEND"\n'],
  ])('has no private key as %s', (_, text) => {
    const body = 'b3BlbnNzaC1rZXktdjE';
    const key = text
      .replace('BEGIN', '-----BEGIN OPENSSH PRIVATE KEY-----')
      .replace('body', body)
      .replace('END', '-----END OPENSSH PRIVATE KEY-----');
    const lines = shown(`ssh_keys:\n${key}name: a`);
    expect(lines).not.toContain(body);
    expect(lines).not.toContain('BEGIN');
  });

  it('has no body of a private key by itself', () => {
    const body = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW';
    expect(shown(`ssh_keys: [${body}]`)).toBe(`ssh_keys: [${MASK}`);
    expect(shown(`dns_servers: [${body}]`)).toBe(`dns_servers: [${MASK}`);
    expect(shown(`ssh_keys: [${body.slice(-9)}, ${ED25519}]`)).toBe(`ssh_keys: [${MASK}, ${ED25519}]`);
  });

  it('goes on behind a private key', () => {
    const key = '-----BEGIN PRIVATE KEY-----\n  x\n  -----END PRIVATE KEY-----';
    expect(shown(`a: |\n  ${key}\nname: a`)).toBe(`a: ${MASK}\n${MASK}\n${MASK}\n${MASK}\nname: a`);
  });
});

describe('what is meant', () => {
  it.each([
    ['the mask, where it is a secret', 'hunter2', `token: «${MASK}»`],
    ['the mask, where it is part of one', 'unter', `token: «${MASK}»`],
    ['the key before a secret', 'token', `«token»: ${MASK}`],
  ])('is %s', (_, part, expected) => {
    const text = 'token: hunter2';
    const from = text.indexOf(part);
    const secrets = secretRanges(text, readYaml(text).root);
    const excerpt = excerptAt(text, [from, from + part.length], secrets);
    const { text: line } = excerpt;
    expect(
      `${line.slice(0, excerpt.from)}«${line.slice(excerpt.from, excerpt.to)}»${line.slice(excerpt.to)}`,
    ).toBe(expected);
  });
});

describe('the words about a value', () => {
  it.each([
    ['a hash', HASH],
    ['a piece of a hash', HASH.slice(20, 60)],
    ['a piece of a hash behind a slash', `/${HASH.replaceAll('/', '.').slice(20, 60)}`],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
  ])('do not repeat %s', (_, text) => {
    expect(quote(text)).toBe(MASK);
    expect(show(text)).toBe('a secret, which is not shown');
  });

  it('repeat what only looks long', () => {
    const path = '/var/lib/libvirt/images/Debian12/Generic/amd64/20240101.qcow2';
    expect(quote(path)).toBe(JSON.stringify(path).replace(/^(.{61}).+"$/, '$1…"'));
  });

  it('do not repeat a public key either, which is not theirs to tell', () => {
    expect(quote(ED25519)).toBe(MASK);
  });
});
