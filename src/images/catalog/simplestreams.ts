import { isMap, valueAt } from '../../config/yaml/raw-value.ts';
import { quote } from '../../text/quote.ts';
import { parseDigest } from '../digest.ts';
import type { SimpleStreamsIndex } from './entry.ts';
import { readJson } from './found.ts';
import type { Answer } from './found.ts';
import { fill } from './template.ts';
import { compareVersions } from './versions.ts';

/** Names in a path, without anything that an address gives a meaning. */
const PATH = /^[\w+~-][\w.+~-]*(?:\/[\w+~-][\w.+~-]*)*$/u;

/**
 * The newest build in an index of simplestreams: products > versions > items, each with path, size and
 * digest. A build without the file that is meant, as one that is half published, does not count.
 * @param arch as the publisher calls it
 */
export function inSimpleStreams(text: string, index: SimpleStreamsIndex, arch: string): Answer {
  const document = readJson(text);
  if (!isMap(document)) return { problem: 'its index is no JSON' };
  const name = fill(index.product, { arch });
  const product = valueAt(valueAt(document, 'products'), name);
  if (product === undefined) return { problem: `its index has no product ${quote(name)}` };
  const versions = valueAt(product, 'versions');
  const itemOf = (version: string): unknown =>
    valueAt(valueAt(valueAt(versions, version), 'items'), index.item);
  const newest = (isMap(versions) ? Object.keys(versions) : [])
    .filter((version) => isMap(itemOf(version)))
    .toSorted(compareVersions)
    .at(-1);
  if (newest === undefined) return { problem: `its index has no ${index.item} of ${quote(name)}` };
  return read(itemOf(newest), newest, index.base);
}

function read(item: unknown, version: string, base: string): Answer {
  const [path, size, sha256, sha512] = ['path', 'size', 'sha256', 'sha512'].map((key) => valueAt(item, key));
  if (typeof path !== 'string' || !PATH.test(path)) {
    return { problem: `its index has no path of build ${quote(version)} that can be followed` };
  }
  const sum = sha512 ?? sha256;
  const digest = typeof sum === 'string' ? parseDigest(sum) : { problem: 'there is none' };
  if ('problem' in digest)
    return { problem: `its index, digest of build ${quote(version)}: ${digest.problem}` };
  const bytes = typeof size === 'number' && Number.isSafeInteger(size) && size > 0 ? size : undefined;
  return { version, url: `${base}${path}`, downloaded: digest.digest, bytes };
}
