import { packageMistake, timezoneMistake, userMistake } from '../../config/values/guest-names.ts';
import { readForeignYaml } from '../../config/yaml/foreign.ts';
import { fqdnMistake } from '../../config/values/names.ts';
import { passwordHashMistake } from '../../config/values/password-hash.ts';
import type { SeedSection } from '../../config/draft/seed-section.ts';
import { sshKeyMistake } from '../../config/values/ssh-key.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { isOwnHostKeys } from '../host-keys/in-user-data.ts';
import { readAutologin } from './autologin.ts';
import { readCommand, readWrittenFile } from './read-files.ts';
import { readUser } from './read-user.ts';
import { Reading, text, truth } from './reading.ts';

/** Keys of a VM file, as far as a seed says them. */
export type GuestKeys = Omit<SeedSection, 'bus' | 'user_data'>;

export interface UserDataFacts {
  readonly guest: GuestKeys;
  /** Without its domain. */
  readonly hostname: string | undefined;
  /** Keys that a VM file has no words for, as `users[1].uid`. */
  readonly unread: readonly string[];
  /** The keys that are now root's were for the user that the image itself makes. */
  readonly keysOfDefaultUser: boolean;
}

/** @param document text of user-data @returns undefined where that is no #cloud-config, or cannot be read */
export function readUserData(document: string): UserDataFacts | undefined {
  if (!/^#cloud-config\s*(?:\n|$)/u.test(document)) return undefined;
  const value = readForeignYaml(document);
  if (value !== null && !isMap(value)) return undefined;
  const unread: string[] = [];
  const reading = new Reading(value, '', unread);
  const host = readHost(reading);
  const people = readPeople(reading, unread);
  const guest: GuestKeys = readAutologin({
    fqdn: host.fqdn,
    ...people.guest,
    ssh_pwauth: reading.take('ssh_pwauth', truth),
    timezone: reading.take('timezone', text(timezoneMistake)),
    packages: reading.takeItems('packages', text(packageMistake)),
    write_files: reading.takeItems('write_files', (item, path) => readWrittenFile(item, path, unread)),
    runcmd: reading.takeItems('runcmd', readCommand),
  });
  skipHostKeys(reading);
  reading.skip('output', isUsualOutput);
  reading.end();
  return { guest, hostname: host.hostname, unread, keysOfDefaultUser: people.keysOfDefaultUser };
}

/** What cloud-init does anyway: its own log beside the console. */
function isUsualOutput(value: unknown): boolean {
  const words = isMap(value) && Object.keys(value).length === 1 ? value['all'] : undefined;
  return typeof words === 'string' && words.trim() === '| tee -a /var/log/cloud-init-output.log';
}

/** Those that plow made are of one VM alone. */
function skipHostKeys(reading: Reading): void {
  const isOwn = reading.is('ssh_keys', isOwnHostKeys);
  if (!isOwn) return;
  reading.skip('ssh_keys');
  reading.skip('ssh_deletekeys', (value) => value === true);
}

/** As cloud-init does it: a host name with dots is an fqdn. */
function readHost(reading: Reading): Pick<UserDataFacts, 'hostname'> & { readonly fqdn: string | undefined } {
  const name = reading.take('hostname', text());
  const said = reading.take('fqdn', (value) => text(fqdnMistake)(lowerCase(value)));
  const fqdn =
    said ?? (name !== undefined && fqdnMistake(name) === undefined ? name.toLowerCase() : undefined);
  const hostname = name?.split('.')[0] ?? fqdn?.split('.')[0];
  reading.skip('manage_etc_hosts', (value) => value === 'localhost' || truth(value) === false);
  reading.skip('preserve_hostname', (value) => truth(value) === false);
  return { fqdn, hostname };
}

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

interface People {
  readonly guest: Pick<GuestKeys, 'ssh_keys' | 'root_password_hash' | 'users'>;
  readonly keysOfDefaultUser: boolean;
}

/** Root, who has keys of its own among those of a VM file, and the others. */
function readPeople(reading: Reading, unread: string[]): People {
  const people = reading.takeItems('users', (item, path) => readUser(item, path, unread));
  const others = people.filter(({ name }) => userMistake(name) === undefined);
  const roots = people.filter(({ name }) => name === 'root');
  const loose = reading.takeItems('ssh_authorized_keys', text(sshKeyMistake));
  reading.skip('disable_root', (value) => truth(value) === false);
  const hash = roots.map(({ hash: own }) => own).find((own) => own !== undefined) ?? readPasswords(reading);
  return {
    guest: {
      ssh_keys: [...roots.flatMap(({ keys }) => keys), ...loose],
      root_password_hash: hash,
      users: others.map(({ name, groups, sudo, shell, keys }) => ({
        name,
        groups,
        sudo,
        shell,
        ssh_keys: keys,
      })),
    },
    keysOfDefaultUser: loose.length > 0,
  };
}

/** The hash of root's password, in the list of today or that of before cloud-init 22.2. */
function readPasswords(reading: Reading): string | undefined {
  const passwords = reading.inside('chpasswd');
  const hashes = [
    ...passwords.takeItems('users', (item) => {
      if (!isMap(item) || item['name'] !== 'root' || (item['type'] ?? 'hash') !== 'hash') return undefined;
      return text(passwordHashMistake)(item['password']);
    }),
    ...passwords.takeItems('list', (item) => readPasswordLines(item)),
  ];
  if (hashes.length > 0) passwords.skip('expire', (value) => truth(value) === false);
  passwords.end();
  return hashes.at(-1);
}

/** `root:$6$...`, of a text that may have several such lines. */
function readPasswordLines(item: unknown): string | undefined {
  const lines = typeof item === 'string' ? item.split('\n').filter((line) => line.trim() !== '') : [];
  const [first = ''] = lines;
  if (lines.length !== 1 || !first.startsWith('root:')) return undefined;
  return text(passwordHashMistake)(first.slice('root:'.length).trim());
}
