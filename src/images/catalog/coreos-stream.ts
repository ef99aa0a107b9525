import { isMap, valueAt } from '../../config/yaml/raw-value.ts';
import { parseDigest } from '../digest.ts';
import type { Digest } from '../digest.ts';
import type { CoreosStreamIndex } from './entry.ts';
import { readJson } from './found.ts';
import type { Answer } from './found.ts';

/** Addresses in it lead anywhere, so that only plain ones over TLS are followed. */
const LOCATION = /^https:\/\/[\w.-]+(?::\d+)?\/[\w.+~/%-]+$/u;

/**
 * The build that a stream of CoreOS is at: architectures > artifacts > formats > disk, with the digest of
 * what is downloaded and of what comes out of it, and a signature of what is downloaded.
 */
export function inCoreosStream(text: string, index: CoreosStreamIndex, arch: string): Answer {
  const document = readJson(text);
  if (!isMap(document)) return { problem: 'its index is no JSON' };
  const artifacts = valueAt(valueAt(valueAt(document, 'architectures'), arch), 'artifacts');
  const artifact = valueAt(artifacts, index.artifact);
  const disk = valueAt(valueAt(valueAt(artifact, 'formats'), index.fileFormat), 'disk');
  if (!isMap(disk)) {
    return { problem: `its index has no ${index.artifact} image as ${index.fileFormat} for ${arch}` };
  }
  const location = valueAt(disk, 'location');
  if (!isLocation(location)) return { problem: 'its index has no address of the image that can be followed' };
  const downloaded = digestAt(disk, 'sha256');
  if (downloaded === undefined) return { problem: 'its index has no sha256 of the image' };
  const release = valueAt(artifact, 'release');
  const signature = valueAt(disk, 'signature');
  return {
    version: typeof release === 'string' ? release : undefined,
    url: location,
    downloaded,
    content: digestAt(disk, 'uncompressed-sha256'),
    signature: isLocation(signature) ? { kind: 'detached', of: 'image', url: signature } : undefined,
  };
}

function isLocation(value: unknown): value is string {
  return typeof value === 'string' && LOCATION.test(value);
}

function digestAt(disk: unknown, key: string): Digest | undefined {
  const value = valueAt(disk, key);
  const found = typeof value === 'string' ? parseDigest(value) : undefined;
  return found !== undefined && 'digest' in found && found.digest.algorithm === 'sha256'
    ? found.digest
    : undefined;
}
