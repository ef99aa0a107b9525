import {
  commandMistake,
  contentMistake,
  guestPathMistake,
  ownerMistake,
  permissionsMistake,
} from '../../config/values/guest-names.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { isLate } from './user-data.ts';
import { Reading, text, truth } from './reading.ts';

/** As in a VM file. */
interface FileKeys {
  readonly path: string;
  readonly content: string;
  readonly owner: string;
  readonly permissions: string;
}

const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One of `write_files`. https://cloudinit.readthedocs.io/en/latest/reference/modules.html#write-files */
export function readWrittenFile(item: unknown, at: string, unread: string[]): FileKeys | undefined {
  const path = isMap(item) ? text(guestPathMistake)(item['path']) : undefined;
  if (path === undefined || !isMap(item)) return undefined;
  const content = readContent(item);
  if (content === undefined) return undefined;
  const reading = new Reading(item, at, unread);
  for (const key of ['path', 'content', 'encoding']) reading.skip(key);
  reading.skip('append', (value) => truth(value) === false);
  const owner = reading.take('owner', text(ownerMistake)) ?? 'root:root';
  const permissions = reading.take('permissions', readMode) ?? '0644';
  reading.skip('defer', (value) => truth(value) === isLate(owner));
  reading.end();
  return { path, content, owner, permissions };
}

/** Text, or bytes in base64 that are a text. */
function readContent(item: Readonly<Record<string, unknown>>): string | undefined {
  const { content = '', encoding = 'text/plain' } = item;
  if (content === null) return '';
  const isCoded = ['b64', 'base64'].includes(String(encoding));
  if (!isCoded && encoding !== 'text/plain') return undefined;
  const bytes = isCoded && typeof content === 'string' ? Buffer.from(content, 'base64') : content;
  return text(contentMistake)(bytes instanceof Uint8Array ? decoded(bytes) : bytes);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return TEXT.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Without quotes YAML 1.1 takes `0644` for a number. */
function readMode(value: unknown): string | undefined {
  const mode = typeof value === 'number' ? value.toString(8).padStart(4, '0') : value;
  return text(permissionsMistake)(mode);
}

/** One of `runcmd`. */
export function readCommand(item: unknown): string | string[] | undefined {
  if (!Array.isArray(item)) return text(commandMistake)(item);
  const words = item.map((word: unknown) =>
    text(commandMistake)(typeof word === 'number' ? String(word) : word),
  );
  return words.length === 0 ? undefined : allOf(words);
}

function allOf<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
}
