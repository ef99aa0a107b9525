import { shownUrl } from '../../text/shown-url.ts';
import type { Arch } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { addresses, inChecksumFile, newestVersion } from './checksum-index.ts';
import { inCoreosStream } from './coreos-stream.ts';
import type { CatalogEntry, ChecksumFileIndex, ResolvedImage, SimpleStreamsIndex } from './entry.ts';
import type { Answer, Found } from './found.ts';
import { decoded, firstOf, readChecksums, signatureOf, unsigned } from './signed.ts';
import type { Checksums, Sources } from './signed.ts';
import { inSimpleStreams } from './simplestreams.ts';
import { fill, lastPart } from './template.ts';
import type { Values } from './template.ts';

/** Found, and where the digest was. */
interface Told {
  readonly found: Found;
  readonly checksumUrl?: string | undefined;
  readonly checksums?: Checksums | undefined;
}

/** What a version may be made of: it becomes part of a file's name. */
const VERSION = /^[a-z0-9][a-z0-9._-]{0,60}$/u;

/**
 * The newest build of an image: where it is, what proves it, what it is called. Reads one to three small
 * files.
 * @throws PlowError (config) where its index is not as the catalog has it, and all that `sources` throw
 */
export async function resolveImage(
  entry: CatalogEntry,
  arch: Arch,
  sources: Sources,
): Promise<ResolvedImage> {
  const ofPublisher = entry.arches[arch];
  if (ofPublisher === undefined) throw notForArch(entry, arch);
  const { found, checksumUrl, checksums } = await tellBy(entry, ofPublisher, sources);
  const { url, downloaded, content, bytes } = found;
  const version = found.version?.toLowerCase();
  return {
    name: entry.name,
    arch,
    url,
    fileName: lastPart(url),
    format: entry.format,
    downloaded,
    content,
    bytes,
    checksumUrl,
    version: version !== undefined && VERSION.test(version) ? version : downloaded?.hex.slice(0, 8),
    signature: found.signature ?? checksums?.signature,
    signer: checksums?.signer,
  };
}

function notForArch({ name, arches }: CatalogEntry, arch: Arch): PlowError {
  const known = Object.keys(arches).join(' and ');
  return new PlowError('config', `image ${name}: it is for ${known}, and the hypervisor is ${arch}`, {
    hint: 'plow image catalog lists what there is for each architecture',
  });
}

async function tellBy(entry: CatalogEntry, arch: string, sources: Sources): Promise<Told> {
  const { index } = entry;
  if (index.kind === 'checksum-file') return tellByChecksums(entry, index, arch, sources);
  if (index.kind === 'simplestreams') return tellByStreams(entry, index, arch, sources);
  const answer = inCoreosStream(decoded(await sources.read(index.url)), index, arch);
  const found = foundIn(entry, answer, index.url);
  if (entry.signedBy !== undefined && found.signature === undefined) throw unsigned(entry.name);
  return { found, checksumUrl: index.url };
}

async function tellByStreams(
  entry: CatalogEntry,
  index: SimpleStreamsIndex,
  arch: string,
  sources: Sources,
): Promise<Told> {
  const values = { arch, checksumUrl: index.url };
  const checksums = await readChecksums(entry, index.signature, values, sources);
  const found = foundIn(entry, inSimpleStreams(checksums.text, index, arch), index.url);
  return { found, checksumUrl: index.url, checksums };
}

async function tellByChecksums(
  entry: CatalogEntry,
  index: ChecksumFileIndex,
  arch: string,
  sources: Sources,
): Promise<Told> {
  const values = addresses(index, await withVersion(entry, index, sources, arch));
  const { checksumUrl, version, url = '' } = values;
  if (checksumUrl === undefined) return pinned(entry, index, { ...values, url }, sources);
  const checksums = await readChecksums(entry, index.signature, { ...values, checksumUrl }, sources);
  const found = foundIn(entry, inChecksumFile(checksums.text, index, values), checksumUrl);
  const rule = index.signature;
  // The address of the image may be known only now, and with it that of its signature.
  const late =
    rule &&
    signatureOf(
      rule,
      rule.urls.map((one) => fill(one, { ...values, url: found.url })),
    );
  return {
    found: { ...found, version: found.version ?? version },
    checksumUrl,
    checksums: rule?.of === 'image' ? { ...checksums, signature: late } : checksums,
  };
}

async function withVersion(
  { name }: CatalogEntry,
  { version, build }: ChecksumFileIndex,
  { read }: Sources,
  arch: string,
): Promise<Values> {
  const values: Values = { arch, ...(build === undefined ? {} : { version: build }) };
  if (version === undefined) return values;
  const url = fill(version.url, values);
  const placed = newestVersion(decoded(await read(url)), version.pattern, values);
  if ('problem' in placed) throw notFound(name, placed.problem, url);
  return placed.values;
}

/** What somebody wrote down, or nothing; where a key is named, a signature of the image must be there. */
async function pinned(
  { signedBy, name }: CatalogEntry,
  { pinned: downloaded, signature: rule }: ChecksumFileIndex,
  values: Values & { readonly url: string },
  { read }: Sources,
): Promise<Told> {
  const { version, url } = values;
  if (signedBy === undefined || rule === undefined) return { found: { version, url, downloaded } };
  const urls = rule.urls.map((one) => fill(one, values));
  const signature = await firstOf(urls, read, name);
  return {
    found: { version, url, downloaded, signature: { kind: 'detached', of: 'image', url: signature.url } },
  };
}

function foundIn({ name }: CatalogEntry, answer: Answer, url: string): Found {
  if ('problem' in answer) throw notFound(name, answer.problem, url);
  return answer;
}

/** An index that is not as its rule has it: what, where, and what to do. */
function notFound(name: string, what: string, url: string): PlowError {
  return new PlowError('config', `image ${name}: ${what}: ${shownUrl(url)}`, {
    hint: `look at that address: its publisher may have moved or changed it; an entry ${name} below images: in the settings file takes the place of plow's own`,
  });
}

/**
 * Refuses what nothing proves: neither a digest nor a signature of the image that is going to be verified.
 * @throws PlowError (config)
 */
export function assertProof({ signedBy }: CatalogEntry, image: ResolvedImage): void {
  const willBeVerified = signedBy !== undefined && image.signature?.of === 'image';
  if (image.downloaded !== undefined || image.content !== undefined || willBeVerified) return;
  throw new PlowError('config', `image ${image.name}: nothing proves what ${shownUrl(image.url)} is`, {
    hint: 'give it checksum_url or checksum_value in the settings file; --insecure takes it all the same, and is recorded',
  });
}
