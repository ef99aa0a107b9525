import { bytesOf, digestOf, namesIn } from '../checksum-file.ts';
import type { ChecksumFileIndex } from './entry.ts';
import type { Answer } from './found.ts';
import { fill, lastPart, patternOf } from './template.ts';
import type { Values } from './template.ts';
import { newestIn } from './versions.ts';

/** Values after the newest version in a text was found, or why there is none. */
export type Placed = { readonly values: Values } | { readonly problem: string };

/** What the text of a version rule says is the newest build. */
export function newestVersion(text: string, pattern: string, values: Values): Placed {
  const found = newestIn(text, patternOf(pattern, values));
  if (found === undefined) return { problem: 'no build is told there' };
  const { version, match } = found;
  return { values: { ...values, ...(version === undefined ? {} : { version }), file: match } };
}

/** Addresses, as far as they can be told before the checksum file is there. */
export function addresses(index: ChecksumFileIndex, values: Values): Values {
  const url = fill(index.url, values);
  const checksumUrl = index.checksumUrl && fill(index.checksumUrl, { ...values, url });
  return { ...values, url, ...(checksumUrl === undefined ? {} : { checksumUrl }) };
}

/**
 * What a checksum file says of the image: its name, if it is to be found there, and its digest.
 * @param values with the addresses
 */
export function inChecksumFile(text: string, index: ChecksumFileIndex, values: Values): Answer {
  const placed = index.file === undefined ? { values } : namedIn(text, index.file, index, values);
  if ('problem' in placed) return placed;
  const { url = '', checksumUrl = '', version } = placed.values;
  const fileName = lastPart(url);
  const isOfThisFile = lastPart(checksumUrl).startsWith(fileName);
  const found = digestOf(text, fileName, index.wanted, isOfThisFile);
  if ('problem' in found) return { problem: `its checksum file: ${found.problem}` };
  return { version, url, downloaded: found.digest, bytes: bytesOf(text, fileName) };
}

function namedIn(text: string, file: string, index: ChecksumFileIndex, values: Values): Placed {
  const names = namesIn(text);
  const found = newestIn(names.join('\n'), patternOf(`^${file}$`, values));
  if (found === undefined) {
    const count = `${names.length} file${names.length === 1 ? '' : 's'}`;
    return { problem: `its checksum file has ${count}, and none is called as the image is` };
  }
  const version = found.version ?? values.version;
  const filled = { ...values, ...(version === undefined ? {} : { version }), file: found.match };
  return { values: addresses(index, filled) };
}
