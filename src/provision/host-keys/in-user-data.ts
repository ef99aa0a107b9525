import { readForeignYaml } from '../../config/yaml/foreign.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { KEY_COMMENT } from './open-ssh.ts';
import type { HostKey, HostKeys } from './open-ssh.ts';

/**
 * Keys of user-data that give the guest its host keys, and see to it that it has no others: an image may
 * bring some that many guests have. https://cloudinit.readthedocs.io/en/latest/reference/modules.html#ssh
 */
export function hostKeySection({ ed25519, ecdsa }: HostKeys): object {
  return {
    ssh_deletekeys: true,
    ssh_keys: {
      ed25519_private: ed25519.privateKey,
      ed25519_public: publicLine(ed25519),
      ecdsa_private: ecdsa.privateKey,
      ecdsa_public: publicLine(ecdsa),
    },
  };
}

function publicLine({ publicKey }: HostKey): string {
  return `${publicKey} ${KEY_COMMENT}`;
}

const NAMES: readonly string[] = ['ed25519_private', 'ed25519_public', 'ecdsa_private', 'ecdsa_public'];

/** Whether a value of `ssh_keys` is plow's: a VM that is made anew gets others. */
export function isOwnHostKeys(value: unknown): boolean {
  if (!isMap(value)) return false;
  const keys = Object.keys(value);
  if (keys.length !== NAMES.length || !NAMES.every((name) => keys.includes(name))) return false;
  return ['ed25519_public', 'ecdsa_public'].every((name) => String(value[name]).endsWith(` ${KEY_COMMENT}`));
}

/** As hostKeySection has it written at the end of a document: a block, and nothing at the left edge in it. */
const SECTION = /^ssh_deletekeys: true\nssh_keys:\n(?: [^\n]*\n|\n)+/mu;

/** A document without what plow wrote into it of host keys. */
export function withoutOwnHostKeys(document: string): string {
  return document.replace(SECTION, (section) => (section.includes(` ${KEY_COMMENT}\n`) ? '' : section));
}

/**
 * The keys that plow gave a guest in a document; undefined where it has none of plow's, or cannot be read.
 */
export function readHostKeys(document: string): HostKeys | undefined {
  const values = readForeignYaml(document);
  const keys = isMap(values) ? values['ssh_keys'] : undefined;
  if (!isMap(keys) || !isOwnHostKeys(keys)) return undefined;
  const keyOf = (type: string): HostKey => ({
    privateKey: String(keys[`${type}_private`]),
    publicKey: String(keys[`${type}_public`]).slice(0, -` ${KEY_COMMENT}`.length),
  });
  return { ed25519: keyOf('ed25519'), ecdsa: keyOf('ecdsa') };
}
