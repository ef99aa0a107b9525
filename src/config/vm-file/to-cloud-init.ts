import type { CloudInit, User } from '../machine.ts';
import { keyLines } from '../values/key-file.ts';
import { canHaveHostKeys } from './rules/user-data.ts';
import type { FileTexts } from './referenced-files.ts';
import type { ConfigFile } from './schema/vm-file.ts';

type Section = NonNullable<ConfigFile['cloud_init']>;

/** What `sudo: true` stands for. */
const EVERYTHING = 'ALL=(ALL) NOPASSWD:ALL';

export function toCloudInit(section: Section, name: string, texts: FileTexts): CloudInit {
  const userData = section.user_data === undefined ? undefined : textOf(section.user_data, texts);
  return {
    fqdn: section.fqdn,
    hostname: section.fqdn?.split('.')[0] ?? name,
    sshKeys: expandKeys(section.ssh_keys, texts),
    rootPasswordHash: section.root_password_hash,
    sshPasswordAuth: section.ssh_pwauth ?? (userData === undefined ? false : undefined),
    users: section.users.map((user) => toUser(user, texts)),
    packages: section.packages,
    writeFiles: section.write_files,
    runCommands: section.runcmd,
    timezone: section.timezone,
    userData,
    sshHostKeys: section.ssh_host_keys ?? (userData === undefined || canHaveHostKeys(userData)),
    bus: section.bus,
  };
}

function toUser(user: Section['users'][number], texts: FileTexts): User {
  const rule = user.sudo === true ? EVERYTHING : user.sudo;
  return {
    name: user.name,
    groups: user.groups,
    sudo: rule === false ? undefined : rule,
    shell: user.shell,
    sshKeys: expandKeys(user.ssh_keys, texts),
  };
}

/** A file stands for its keys, once however often it is named. */
function expandKeys(keys: Section['ssh_keys'], texts: FileTexts): readonly string[] {
  const files = new Set<string>();
  return keys.flatMap((key) => {
    if (typeof key === 'string') return [key];
    const text = textOf(key.file, texts);
    if (files.has(text)) return [];
    files.add(text);
    return keyLines(text).map(({ line }) => line);
  });
}

function textOf(file: string, texts: FileTexts): string {
  const text = texts.get(file);
  if (typeof text !== 'string') throw new Error(`the rules let a file pass that was not read: ${file}`);
  return text;
}
