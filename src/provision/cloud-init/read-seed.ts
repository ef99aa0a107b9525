import { readForeignYaml } from '../../config/yaml/foreign.ts';
import { fqdnMistake } from '../../config/values/names.ts';
import { withoutOwnHostKeys } from '../host-keys/in-user-data.ts';
import { isNewMachineId } from './new-machine-id.ts';
import { Reading, text } from './reading.ts';
import { readNetworkConfig } from './read-network-config.ts';
import type { NetworkFacts } from './read-network-config.ts';
import { readUserData } from './read-user-data.ts';
import type { GuestKeys, UserDataFacts } from './read-user-data.ts';

/** What a seed says, as far as a VM file can. */
export interface SeedFacts {
  readonly guest: GuestKeys;
  /** Without its domain; undefined where the seed says none. */
  readonly hostname: string | undefined;
  readonly keysOfDefaultUser: boolean;
  /** The document as it is, but for host keys of plow's; undefined where it is no text. */
  readonly userData: string | undefined;
  /** What of user-data a VM file has no words for. */
  readonly unreadUserData: readonly string[];
  /** Undefined where the seed has none, or one that cannot be read. */
  readonly network: NetworkFacts | undefined;
  /** What else a VM file has no words for. */
  readonly unread: readonly string[];
}

const TEXT = new TextDecoder('utf-8', { fatal: true });

/** @returns undefined where these are not the files of a NoCloud seed */
export function readSeed(files: ReadonlyMap<string, Uint8Array>): SeedFacts | undefined {
  if (!files.has('user-data') && !files.has('meta-data')) return undefined;
  const document = textIn(files, 'user-data');
  const facts = document === undefined || document.trim() === '' ? undefined : readUserData(document);
  const meta = readMetaData(textIn(files, 'meta-data') ?? '');
  const networkText = textIn(files, 'network-config');
  const network = networkText === undefined ? undefined : readNetworkConfig(networkText);
  const others = [...files]
    .filter(([name, bytes]) => !KNOWN.has(name) && bytes.length > 0 && !isNewMachineId(name, bytes))
    .map(([name]) => name);
  const isBroken = files.has('network-config') && network === undefined;
  return {
    ...guestOf(facts, meta.name),
    userData: document === undefined ? undefined : withoutOwnHostKeys(document),
    unreadUserData: facts?.unread ?? (document === '' || !files.has('user-data') ? [] : [NOT_CLOUD_CONFIG]),
    network,
    unread: [
      ...meta.unread.map((key) => `meta-data: ${key}`),
      ...(network?.unread ?? []).map((key) => `network-config: ${key}`),
      ...(isBroken ? ['network-config: all of it, which cannot be read'] : []),
      ...others.map((name) => `the file ${name}`),
    ],
  };
}

const KNOWN: ReadonlySet<string> = new Set(['user-data', 'meta-data', 'network-config']);
const NOT_CLOUD_CONFIG = 'all of it, which is not a #cloud-config document';

/** A host name of user-data wins over that of meta-data, and one with dots is an fqdn. */
function guestOf(
  facts: UserDataFacts | undefined,
  local: string | undefined,
): Pick<SeedFacts, 'guest' | 'hostname' | 'keysOfDefaultUser'> {
  const { guest = {}, hostname, keysOfDefaultUser = false } = facts ?? {};
  if (hostname !== undefined || local === undefined) return { guest, hostname, keysOfDefaultUser };
  const isFull = fqdnMistake(local) === undefined;
  return {
    guest: isFull ? { ...guest, fqdn: local.toLowerCase() } : guest,
    hostname: local.split('.')[0],
    keysOfDefaultUser,
  };
}

function readMetaData(document: string): {
  readonly name: string | undefined;
  readonly unread: readonly string[];
} {
  const unread: string[] = [];
  const value = readForeignYaml(document);
  if (value === undefined) unread.push('all of it, which cannot be read');
  const reading = new Reading(value, '', unread);
  const name = reading.take('local-hostname', text());
  // A new VM is a new instance.
  reading.skip('instance-id');
  reading.end();
  return { name, unread };
}

function textIn(files: ReadonlyMap<string, Uint8Array>, name: string): string | undefined {
  try {
    return TEXT.decode(files.get(name));
  } catch {
    return undefined;
  }
}
