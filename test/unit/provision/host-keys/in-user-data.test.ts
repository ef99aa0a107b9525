import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { withoutOwnHostKeys } from '../../../../src/provision/host-keys/in-user-data.ts';
import { KEY_COMMENT, openSshKeys } from '../../../../src/provision/host-keys/open-ssh.ts';
import { readSeed } from '../../../../src/provision/cloud-init/read-seed.ts';
import { userData } from '../../../../src/provision/cloud-init/user-data.ts';
import { cloudInit, fullMachine } from '../../machines.ts';
import { KEY_PAIRS } from '../../key-pairs.ts';

const KEYS = openSshKeys(KEY_PAIRS);
const OWN = '#cloud-config\nbootcmd: [ls]\n';

it('gives the guest both keys as they are, and takes those of its image away', () => {
  expect(parse(userData(cloudInit(), KEYS))).toMatchObject({
    ssh_deletekeys: true,
    ssh_keys: {
      ed25519_private: KEYS.ed25519.privateKey,
      ed25519_public: `${KEYS.ed25519.publicKey} ${KEY_COMMENT}`,
      ecdsa_private: KEYS.ecdsa.privateKey,
      ecdsa_public: `${KEYS.ecdsa.publicKey} ${KEY_COMMENT}`,
    },
  });
});

it("is the last of a document, also of the user's own, and is taken out of it again", () => {
  const own = cloudInit({ userData: OWN, sshPasswordAuth: undefined });
  const guests = [own, { ...own, timezone: 'UTC' }, cloudInit(), fullMachine().provisioning ?? cloudInit()];
  for (const guest of guests) expect(withoutOwnHostKeys(userData(guest, KEYS))).toBe(userData(guest));
});

it.each([
  ['keys of a stranger', `${OWN}ssh_deletekeys: true\nssh_keys:\n  rsa_private: x\n`],
  ['no keys', `${OWN}ssh_deletekeys: true\n`],
])('is left alone where a document has %s', (_, document) => {
  expect(withoutOwnHostKeys(document)).toBe(document);
});

function unreadOf(document: string): readonly string[] | undefined {
  return readSeed(new Map([['user-data', Buffer.from(document)]]))?.unreadUserData;
}

it('is nothing that a VM file has no words for, and a private half is in no fact of the seed', () => {
  const document = userData(cloudInit({ userData: OWN }), KEYS);
  expect(unreadOf(document)).toStrictEqual(['bootcmd']);
  const facts = readSeed(new Map([['user-data', Buffer.from(document)]]));
  expect(JSON.stringify(facts)).not.toMatch(/PRIVATE KEY|made-by-plow/u);
});

it('is named where the keys are those of a stranger', () => {
  const foreign = userData(cloudInit(), KEYS).replaceAll(KEY_COMMENT, 'root@elsewhere');
  expect(unreadOf(foreign)).toStrictEqual(['ssh_deletekeys', 'ssh_keys']);
});
