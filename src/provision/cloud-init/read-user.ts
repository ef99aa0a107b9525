import { groupMistake, guestPathMistake, sudoMistake, userMistake } from '../../config/values/guest-names.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { passwordHashMistake } from '../../config/values/password-hash.ts';
import { sshKeyMistake } from '../../config/values/ssh-key.ts';
import { Reading, text, truth } from './reading.ts';

export interface Person {
  readonly name: string;
  readonly groups: string[];
  readonly sudo: boolean | string;
  readonly shell: string | undefined;
  readonly keys: string[];
  /** Of root's password. */
  readonly hash: string | undefined;
}

/** What `sudo: true` of a VM file stands for. */
const EVERYTHING = 'ALL=(ALL) NOPASSWD:ALL';

/**
 * One of `users`. https://cloudinit.readthedocs.io/en/latest/reference/modules.html#users-and-groups
 * @returns undefined for one without a name that a VM file may have, as the image's own `default`
 */
export function readUser(item: unknown, path: string, unread: string[]): Person | undefined {
  const named = typeof item === 'string' && item !== 'default' ? { name: item } : item;
  const name = isMap(named) ? named['name'] : undefined;
  if (typeof name !== 'string' || (name !== 'root' && userMistake(name) !== undefined)) return undefined;
  const reading = new Reading(named, path, unread);
  reading.skip('name');
  const keys = ['ssh_authorized_keys', 'ssh-authorized-keys'].flatMap((key) => [
    ...reading.takeItems(key, text(sshKeyMistake)),
  ]);
  const hash = name === 'root' ? reading.take('hashed_passwd', text(passwordHashMistake)) : undefined;
  // plow locks the password of all but root, and root's where there is none.
  reading.skip('lock_passwd', (value) => name === 'root' || truth(value) === true);
  const person = {
    name,
    groups: name === 'root' ? [] : [...readGroups(reading)],
    sudo: name === 'root' ? false : (reading.take('sudo', readSudo) ?? false),
    shell: name === 'root' ? undefined : reading.take('shell', text(guestPathMistake)),
    keys,
    hash,
  };
  reading.end();
  return person;
}

/** A list, or a text with commas. */
function readGroups(reading: Reading): readonly string[] {
  if (!reading.has('groups')) return [];
  return (
    reading.take('groups', (value) => {
      const names: readonly unknown[] =
        typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
      const groups = names.map((one) => (typeof one === 'string' ? one.trim() : ''));
      return groups.every((group) => groupMistake(group) === undefined) ? groups : undefined;
    }) ?? []
  );
}

function readSudo(value: unknown): boolean | string | undefined {
  const rule: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (truth(rule) === false) return false;
  if (typeof rule !== 'string' || sudoMistake(rule) !== undefined) return undefined;
  return rule === EVERYTHING ? true : rule;
}
