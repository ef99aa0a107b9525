import type { ConfigPath } from '../machine.ts';
import type { Source } from './place.ts';
import { escapeUnsafe, quote } from '../../text/quote.ts';

/** Something wrong with a value, a missing value or a key of the file. */
export interface Mistake {
  readonly path: ConfigPath;
  /** What is wrong, and what is expected. */
  readonly text: string;
  /** Character offset into the text, where the path does not already say it. */
  readonly offset?: number;
  /** The offset behind what is meant, with `offset`. */
  readonly end?: number;
  /** What `offset` is in, where that is not the file itself. */
  readonly source?: Source | undefined;
  /** The key itself is wrong, not its value. */
  readonly atKey?: true;
  /** What was likely meant: with `atKey` the key, else the value. */
  readonly suggestion?: string;
}

/** `network_interfaces[0].ip`; keys that are not plain words are quoted. */
export function label(path: ConfigPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') {
        return `[${part}]`;
      }
      const shown = /^\+?[\w-]{1,60}$/.test(part) ? part : quote(part);
      return index === 0 ? shown : `.${shown}`;
    })
    .join('');
}

/** A file name fit for a message. */
export function showFile(file: string): string {
  return file === '' ? '""' : escapeUnsafe(file);
}
