import { describe, expect, it } from 'vitest';
import { identityKept, withoutHostKeys } from '../../../../src/vm/clone/identity.ts';

const KEYS = 'ssh_keys:\n  rsa_private: |\n    -----BEGIN\n\n    x\n  rsa_public: ssh-rsa x\n';

describe('a document without its host keys', () => {
  it.each([
    ['keys in the middle', `#cloud-config\na: 1\n${KEYS}\n# b\nb: 2\n`, '#cloud-config\na: 1\n# b\nb: 2\n'],
    ['keys at its end', `#cloud-config\na: 1\n${KEYS.trimEnd()}`, '#cloud-config\na: 1\n'],
    ['keys in one line', '#cloud-config\nssh_keys: {rsa_private: x}\na: 1\n', '#cloud-config\na: 1\n'],
    ['nothing else', `#cloud-config\n${KEYS}`, '#cloud-config\n'],
    ['those of its disk', '#cloud-config\nssh_deletekeys: off\na: 1\n', '#cloud-config\na: 1\n'],
  ])('is as it was but for them: %s', (_, document, expected) => {
    expect(withoutHostKeys(document)?.document).toBe(expected);
  });

  it.each([
    ['says nothing of them', '#cloud-config\na: 1'],
    ['has none left by its disk', '#cloud-config\nssh_deletekeys: "yes"\n'],
    ['says which kinds there are', '#cloud-config\nssh_genkeytypes: [ed25519]\n'],
  ])('is the same where it %s', (_, document) => {
    expect(withoutHostKeys(document)).toStrictEqual({ document, removed: [] });
  });

  it.each([
    ['a quoted key', '#cloud-config\n"ssh_keys":\n  rsa_private: x\n'],
    ['one map in braces', '#cloud-config\n{ssh_deletekeys: false, a: 1}\n'],
    ['an anchor that others need', '#cloud-config\nssh_keys: &x {rsa_private: x}\na: *x\n'],
    ['a comment among its lines', `#cloud-config\nssh_keys:\n# mine\n  rsa_private: x\n`],
    ['a text that looks like it', `#cloud-config\na: |2\n ssh_keys: b\nssh_keys: c\n ssh_keys: d\n`],
  ])('is none where they cannot be taken out: %s', (_, document) => {
    const stripped = withoutHostKeys(document);
    expect(stripped === undefined || stripped.removed.length === 0).toBe(true);
  });
});

describe('a document that keeps a guest what it is', () => {
  it.each([
    ['preserve_hostname: yes', /preserve_hostname/u],
    ['cloud_config_modules: [runcmd]', /cloud_config_modules/u],
    ['vendor_data: {enabled: false}', /vendor_data is off/u],
    ['write_files: [{path: /etc/ssh/ssh_host_rsa_key}]', /has \/etc\/ssh\/ssh_host_rsa_key/u],
    ['write_files: [{path: /etc/../etc/machine-id}]', /machine-id/u],
  ])('says %s', (line, words) => {
    expect(identityKept(`#cloud-config\n${line}\n`)).toMatch(words);
  });

  it.each([
    'a: 1',
    'preserve_hostname: false',
    'vendor_data: {enabled: true}',
    'write_files: [{path: /etc/x}]',
  ])('does not say %s', (line) => expect(identityKept(`#cloud-config\n${line}\n`)).toBeUndefined());
});
