import type { DraftValues } from '../../config/draft/draft.ts';
import { userMistake } from '../../config/values/guest-names.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { sudoersPath } from './people.ts';

type Section = NonNullable<DraftValues['provisioning']>;
type Keys = Pick<Section, 'ssh_keys' | 'root_password_hash' | 'users' | 'login_user'>;

/** What `sudo: true` of a VM file stands for. */
const EVERYTHING = 'ALL=(ALL) NOPASSWD:ALL';
const USUAL_LOGIN = 'core';

/**
 * Who there is. @param takeFile gives the text of a file, if there is one, which is then read
 * @returns undefined where a VM file has no words for a part
 */
export function readPeople(
  users: readonly unknown[],
  takeFile: (path: string) => string | undefined,
): Keys | undefined {
  const people = users.map(readPerson);
  if (people.includes(undefined)) return undefined;
  const all = people.filter((one) => one !== undefined);
  const root = all.find(({ name }) => name === 'root');
  const rootKeys = root?.keys ?? [];
  const login = all.find((one) => one.name === USUAL_LOGIN && isBare(one) && rootKeys.length === 0);
  const others = all.filter((one) => one !== root && one !== login);
  const rules = others.map(({ name }) => ruleIn(takeFile(sudoersPath(name)), name));
  if (rules.includes('foreign')) return undefined;
  return {
    login_user: rootKeys.length > 0 ? 'root' : undefined,
    ssh_keys: rootKeys.length > 0 ? rootKeys : (login?.keys ?? []),
    root_password_hash: root?.hash,
    users: others.map(({ name, groups, shell, keys }, index) => ({
      name,
      groups,
      sudo: rules[index] === EVERYTHING ? true : (rules[index] ?? false),
      shell,
      ssh_keys: keys,
    })),
  };
}

interface Person {
  readonly name: string;
  readonly groups: readonly string[];
  readonly shell: string | undefined;
  readonly keys: readonly string[];
  readonly hash: string | undefined;
}

function isBare({ groups, shell, hash }: Person): boolean {
  return groups.length === 0 && shell === undefined && hash === undefined;
}

const KNOWN = ['name', 'groups', 'shell', 'sshAuthorizedKeys', 'passwordHash'];

function readPerson(user: unknown): Person | undefined {
  if (!isMap(user) || !Object.keys(user).every((key) => KNOWN.includes(key))) return undefined;
  const { name, shell, passwordHash: hash } = user;
  const [groups, keys] = [textsOf(user['groups']), textsOf(user['sshAuthorizedKeys'])];
  if (typeof name !== 'string' || groups === undefined || keys === undefined) return undefined;
  if (name !== 'root' && (userMistake(name) !== undefined || hash !== undefined)) return undefined;
  if (name === 'root' && (groups.length > 0 || shell !== undefined)) return undefined;
  if (shell !== undefined && typeof shell !== 'string') return undefined;
  return hash === undefined || typeof hash === 'string' ? { name, groups, shell, keys, hash } : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

/** What a file of sudoers says of a user: undefined where there is none. */
function ruleIn(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const isOurs = text.startsWith(`${name} `) && text.indexOf('\n') === text.length - 1;
  return isOurs ? text.slice(name.length + 1, -1) : 'foreign';
}
