import { gunzipSync } from 'node:zlib';
import { fqdnMistake } from '../../config/values/names.ts';
import type { DraftValues } from '../../config/draft/draft.ts';
import { isMap, listAt, valueAt } from '../../config/yaml/raw-value.ts';
import { AUTOLOGIN, AUTOLOGIN_DROP_IN, CONSOLE_UNIT } from '../autologin.ts';
import { KEY_COMMENT } from '../host-keys/open-ssh.ts';
import { COMMANDS_FILE, TIMEZONE_LINK } from '../../config/values/guest-names.ts';
import { COMMANDS_UNIT, COMMANDS_UNIT_TEXT, readCommands } from './commands.ts';
import { HOSTNAME_FILE, SSHD_FILE, ZONES } from './config.ts';
import { readPeople } from './read-people.ts';

type Section = NonNullable<DraftValues['provisioning']>;

/** What a config says, as far as a VM file can. */
export interface IgnitionFacts {
  readonly guest: Section;
  /** Without its domain; undefined where the config says none. */
  readonly hostname: string | undefined;
  /** A config of somebody's own: one that is merged, or all of it where a VM file has no words for a part. */
  readonly own: string | undefined;
}

/** More than plow ever writes. */
const MOST_BYTES = 16 * 2 ** 20;

/** @param text of a config @returns undefined where it is none that can be read */
export function readIgnition(text: string): IgnitionFacts | undefined {
  const config = parsed(text);
  if (config === undefined || typeof valueAt(valueAt(config, 'ignition'), 'version') !== 'string')
    return undefined;
  const whole: IgnitionFacts = { guest: {}, hostname: undefined, own: text };
  try {
    return readOwn(config) ?? whole;
  } catch (error) {
    if (error instanceof Foreign) return whole;
    throw error;
  }
}

/** A part that plow never writes. */
class Foreign extends Error {}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One that plow has written, or might have. @throws Foreign */
function readOwn(config: unknown): IgnitionFacts | undefined {
  const files = new Files(listAt(valueAt(config, 'storage'), 'files'));
  if (!files.has(HOSTNAME_FILE) || !isOnly(config, ['ignition', 'passwd', 'storage', 'systemd']))
    return undefined;
  const name = files.take(HOSTNAME_FILE)?.trim() ?? '';
  const isFull = fqdnMistake(name) === undefined;
  const people = readPeople(listAt(valueAt(config, 'passwd'), 'users'), (path) => files.take(path));
  if (people === undefined) return undefined;
  const { timezone, console_autologin, hasCommands } = readRest(config);
  const script = files.take(COMMANDS_FILE);
  const runcmd = script === undefined ? [] : readCommands(script);
  if (runcmd === undefined || (script !== undefined) !== hasCommands) return undefined;
  const ssh_pwauth = readSshd(files.take(SSHD_FILE));
  files.dropHostKeys();
  const network = files.takeNetwork();
  const guest: Section = {
    fqdn: isFull ? name : undefined,
    ...people,
    ssh_pwauth,
    write_files: files.rest(),
    runcmd: runcmd.map((command) => (typeof command === 'string' ? command : [...command])),
    timezone,
    console_autologin,
    network,
  };
  return { guest, hostname: name.split('.')[0], own: readMerged(config) };
}

function isOnly(value: unknown, keys: readonly string[]): boolean {
  return isMap(value) && Object.keys(value).every((key) => keys.includes(key));
}

function readSshd(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const word = /^PasswordAuthentication (?<word>yes|no)\n$/u.exec(text)?.groups?.['word'];
  if (word === undefined) throw new Foreign();
  return word === 'yes';
}

/** Links and units. @throws Foreign */
function readRest(
  config: unknown,
): Pick<Section, 'timezone' | 'console_autologin'> & { readonly hasCommands: boolean } {
  const [link, ...others] = listAt(valueAt(config, 'storage'), 'links');
  const target = valueAt(link, 'target');
  const isZone =
    valueAt(link, 'path') === TIMEZONE_LINK && typeof target === 'string' && target.startsWith(ZONES);
  if (others.length > 0 || (link !== undefined && !isZone)) throw new Foreign();
  const units = listAt(valueAt(config, 'systemd'), 'units');
  const known = units.map((unit) => {
    const name = valueAt(unit, 'name');
    const [dropIn] = listAt(unit, 'dropins');
    if (name === COMMANDS_UNIT && valueAt(unit, 'contents') === COMMANDS_UNIT_TEXT) return 'commands';
    const isOurs = valueAt(dropIn, 'name') === AUTOLOGIN_DROP_IN && valueAt(dropIn, 'contents') === AUTOLOGIN;
    if (name === CONSOLE_UNIT && isOurs && valueAt(unit, 'contents') === undefined) return 'autologin';
    throw new Foreign();
  });
  return {
    timezone: isZone ? target.slice(ZONES.length) : undefined,
    console_autologin: known.includes('autologin') ? 'root' : undefined,
    hasCommands: known.includes('commands'),
  };
}

/** @throws Foreign */
function readMerged(config: unknown): string | undefined {
  const ignition = valueAt(config, 'ignition');
  const [merged, ...others] = listAt(valueAt(ignition, 'config'), 'merge');
  if (others.length > 0 || !isOnly(ignition, ['version', 'config'])) throw new Foreign();
  return merged === undefined ? undefined : textOf(merged);
}

/** @throws Foreign */
function textOf(resource: unknown): string {
  const [source, compression] = [valueAt(resource, 'source'), valueAt(resource, 'compression')];
  const data =
    typeof source === 'string'
      ? /^data:;base64,(?<data>[\w+/=]*)$/u.exec(source)?.groups?.['data']
      : undefined;
  if (data === undefined || !isOnly(resource, ['source', 'compression'])) throw new Foreign();
  const bytes = Buffer.from(data, 'base64');
  try {
    const plain = compression === 'gzip' ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    throw new Foreign();
  }
}

const HOST_KEY = /^\/etc\/ssh\/ssh_host_(?:ed25519|ecdsa)_key(?:\.pub)?$/u;
const MANAGER = /^\/etc\/NetworkManager\/system-connections\/eth\d{1,2}\.nmconnection$/u;
const NETWORKD = /^\/etc\/systemd\/network\/10-eth\d{1,2}\.network$/u;

/** Texts, or nothing; and no group without a user. */
function areNames(user: unknown, group: unknown): boolean {
  const areTexts = [user, group].every((one) => one === undefined || typeof one === 'string');
  return areTexts && (user !== undefined || group === undefined);
}

/** Files of a config, of which each is taken once. */
class Files {
  readonly #files = new Map<string, { readonly text: string; readonly file: unknown }>();

  /** @throws Foreign */
  constructor(files: readonly unknown[]) {
    for (const file of files) {
      const path = valueAt(file, 'path');
      const isOurs = isOnly(file, ['path', 'overwrite', 'mode', 'user', 'group', 'contents']);
      if (typeof path !== 'string' || !isOurs) throw new Foreign();
      this.#files.set(path, { text: textOf(valueAt(file, 'contents')), file });
    }
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  take(path: string): string | undefined {
    const found = this.#files.get(path)?.text;
    this.#files.delete(path);
    return found;
  }

  /** Those that plow made are of one VM alone. */
  dropHostKeys(): void {
    const own = [...this.#files].filter(([path]) => HOST_KEY.test(path));
    if (!own.some(([path, { text }]) => path.endsWith('.pub') && text.endsWith(` ${KEY_COMMENT}\n`))) return;
    for (const [path] of own) this.#files.delete(path);
  }

  /** Of the interfaces, which the VM file has elsewhere. */
  takeNetwork(): 'networkmanager' | 'networkd' | undefined {
    const paths = [...this.#files.keys()];
    const [byManager, byNetworkd] = [MANAGER, NETWORKD].map((kind) =>
      paths.filter((path) => kind.test(path)),
    );
    for (const path of [...(byManager ?? []), ...(byNetworkd ?? [])]) this.#files.delete(path);
    return (byNetworkd?.length ?? 0) > 0 ? 'networkd' : undefined;
  }

  /** What is left, as a VM file has it. @throws Foreign */
  rest(): NonNullable<Section['write_files']> {
    return Array.from(this.#files, ([path, { text, file }]) => {
      const [mode, user, group] = [
        valueAt(file, 'mode'),
        valueAt(valueAt(file, 'user'), 'name'),
        valueAt(valueAt(file, 'group'), 'name'),
      ];
      if (typeof mode !== 'number' || !areNames(user, group)) throw new Foreign();
      const names = [user, group].filter((one) => typeof one === 'string');
      const owner = names.length === 0 ? 'root:root' : names.join(':');
      return { path, content: text, owner, permissions: mode.toString(8).padStart(4, '0') };
    });
  }
}
