import type { Provisioning, User } from '../machine.ts';
import { FW_CFG_NAME } from '../values/extras.ts';
import { keyLines } from '../values/key-file.ts';
import { canHaveHostKeys } from './rules/user-data.ts';
import type { FileTexts } from './referenced-files.ts';
import type { ConfigFile } from './schema/vm-file.ts';

type CloudInitSection = NonNullable<ConfigFile['cloud_init']>;
type Section = NonNullable<ConfigFile['provisioning']>;

/** What `sudo: true` stands for. */
const EVERYTHING = 'ALL=(ALL) NOPASSWD:ALL';

/** Either of the sections that say it. @param texts of the files that they name */
export function toProvisioning(file: ConfigFile, texts: FileTexts): Provisioning | undefined {
  const { cloud_init: cloudInit, provisioning, name } = file;
  if (cloudInit !== undefined) return toGuest(asSection(cloudInit), { section: 'cloud_init', name, texts });
  if (provisioning === undefined || provisioning.format === 'none') return undefined;
  return toGuest(provisioning, { section: 'provisioning', name, texts });
}

/** The older section in the words of the other one. */
function asSection({ user_data, bus, ...rest }: CloudInitSection): Section {
  return { ...rest, format: 'cloud-init', cloud_init: { user_data, bus } };
}

interface Origin extends Pick<Provisioning, 'section'> {
  /** Of the VM. */
  readonly name: string;
  readonly texts: FileTexts;
}

function toGuest(words: Section, { section, name, texts }: Origin): Provisioning {
  const { cloud_init: { user_data, bus = 'scsi' } = {}, ignition = {} } = words;
  const userData = user_data === undefined ? undefined : textOf(user_data, texts);
  const config = ignition.config === undefined ? undefined : textOf(ignition.config, texts);
  const own = userData ?? config;
  return {
    section,
    format: words.format === 'ignition' ? 'ignition' : 'cloud-init',
    fqdn: words.fqdn,
    hostname: (words.fqdn ?? name).split('.')[0] ?? name,
    sshKeys: expandKeys(words.ssh_keys, texts),
    loginUser: words.login_user,
    rootPasswordHash: words.root_password_hash,
    sshPasswordAuth: words.ssh_pwauth ?? (own === undefined ? false : undefined),
    users: words.users.map((user) => toUser(user, texts)),
    packages: words.packages,
    writeFiles: words.write_files,
    runCommands: words.runcmd,
    timezone: words.timezone,
    consoleAutologin: words.console_autologin !== undefined,
    sshHostKeys: words.ssh_host_keys ?? canGiveHostKeys(words, userData),
    userData,
    bus,
    ignition: { network: words.network, config, fwCfgName: ignition.fw_cfg_name ?? FW_CFG_NAME },
  };
}

/** A config of the user's own that stands alone stays so. */
function canGiveHostKeys(words: Section, userData: string | undefined): boolean {
  if (words.ignition?.config !== undefined) return saysMoreThanConfig(words);
  return userData === undefined || canHaveHostKeys(userData);
}

/** Keys that say which format it is, and how it comes to the guest. */
const ABOUT_FORMAT: ReadonlySet<string> = new Set(['format', 'ignition', 'cloud_init', 'login_user']);

function saysMoreThanConfig(words: Section): boolean {
  return Object.entries(words).some(
    ([key, value]) =>
      !ABOUT_FORMAT.has(key) && value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
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
