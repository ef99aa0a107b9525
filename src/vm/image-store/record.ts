import type { ImageFormat, ImageNeeds } from '../../config/machine.ts';
import { imageWordMistake } from '../../config/values/names.ts';
import { readGate } from './record-gate.ts';
import type { ImageGate } from './record-gate.ts';
import { readNeeds } from './record-needs.ts';

/**
 * What plow knows of an image that it has pulled: a small file beside it, as libvirt keeps no metadata of
 * volumes. Without it the image is still one, by its path.
 */
export interface ImageRecord {
  /**
   * `pulling`: the image has no head yet, and is none. `removing`: it goes, unless a VM that stands on it is
   * found; none may begin to.
   */
  readonly status: 'pulling' | 'ready' | 'removing';
  /** The file beside it is what this record is about, and no other that had its name before. */
  readonly isMade: boolean;
  /** Of whoever pulls it: who finds another one there writes no more. */
  readonly token: string;
  readonly name: string;
  readonly version: string;
  /** Where it came from, without what may be secret. */
  readonly url: string;
  readonly format: ImageFormat;
  /** `sha256:...` of what was downloaded, and of what came out of it; null until all of it was seen. */
  readonly downloaded: string | null;
  readonly content: string | null;
  /** How long the file is, and its virtual size; null as above. */
  readonly bytes: number | null;
  readonly capacityBytes: number | null;
  /** Nothing but the web server says that it is the right one. */
  readonly insecure: boolean;
  /** Who has signed for it; null: nobody. */
  readonly signedBy: string | null;
  /** What a VM of it needs, as the catalog had it; undefined of one pulled by its URL. */
  readonly needs?: ImageNeeds | undefined;
  /** Of the plow that pulled it, and when. */
  readonly plow: string;
  readonly at: string;
  /** What came of its throw-away boot; undefined: there was none. */
  readonly gate?: ImageGate;
}

/** Always so long, so that one is written over another in place. */
export const RECORD_BYTES = 4096;
const ENDING = '.plow.json';
const FORMAT = 1;

/** `debian-12-20260712.qcow2.plow.json` */
export function recordName(file: string): string {
  return `${file}${ENDING}`;
}

/**
 * The file that a record is about; undefined for a name of something else. A hypervisor may call a volume
 * what it likes: no image of plow's leads to another directory, or hides.
 */
export function fileOfRecord(name: string): string | undefined {
  return name.endsWith(ENDING) && /^[^./][^/]*$/u.test(name) ? name.slice(0, -ENDING.length) : undefined;
}

/** @throws Error where it does not fit, which no name and no URL that plow takes makes it */
export function writeRecord(record: ImageRecord): Uint8Array {
  const bytes = bytesOf(record);
  if (bytes.length >= RECORD_BYTES) throw new Error(`the record of ${record.name} is too long`);
  const padded = new Uint8Array(RECORD_BYTES).fill(' '.charCodeAt(0));
  padded.set(bytes);
  padded[RECORD_BYTES - 1] = '\n'.charCodeAt(0);
  return padded;
}

function bytesOf(record: ImageRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ plow_image: FORMAT, ...record }, undefined, 2));
}

const DIGEST = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/u;

/** Undefined for what is none: anyone may have written it who may write there. */
export function readRecord(bytes: Uint8Array): ImageRecord | undefined {
  const found = parsed(new TextDecoder().decode(bytes));
  if (found === undefined || found['plow_image'] !== FORMAT) return undefined;
  const { status, token, name, version, url, format, insecure, plow, at } = found;
  const texts = [token, url, plow, at];
  if (typeof insecure !== 'boolean') return undefined;
  const isKnown =
    (status === 'pulling' || status === 'ready' || status === 'removing') &&
    (format === 'qcow2' || format === 'raw' || format === 'iso') &&
    [name, version].every((text) => typeof text === 'string' && imageWordMistake(text) === undefined) &&
    texts.every((text) => typeof text === 'string');
  if (!isKnown) return undefined;
  const digest = (key: string): string | null => {
    const value = found[key];
    return typeof value === 'string' && DIGEST.test(value) ? value : null;
  };
  const number = (key: string): number | null => {
    const value = found[key];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const { signedBy } = found;
  const needs = readNeeds(found['needs']);
  const gate = readGate(found['gate']);
  const record: ImageRecord = {
    status,
    isMade: found['isMade'] === true,
    token: String(token),
    name: String(name),
    version: String(version),
    url: String(url),
    format,
    downloaded: digest('downloaded'),
    content: digest('content'),
    bytes: number('bytes'),
    capacityBytes: number('capacityBytes'),
    insecure,
    signedBy: typeof signedBy === 'string' ? signedBy : null,
    ...(needs === undefined ? {} : { needs }),
    plow: String(plow),
    at: String(at),
    ...(gate === undefined ? {} : { gate }),
  };
  // Of what somebody else has written more may be read than can be written back.
  return bytesOf(record).length < RECORD_BYTES ? record : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null
      ? Object.fromEntries(Object.entries(found))
      : undefined;
  } catch {
    return undefined;
  }
}
