import { isBrokenHash, readDigest } from '../config/values/digest.ts';
import type { DigestAlgorithm } from '../config/values/digest.ts';
import { quote } from '../text/quote.ts';
import { signedPart } from './clear-signed.ts';
import type { Digest, FoundDigest } from './digest.ts';

/** A line of a checksum file: a file's name, and what the line says its digest is. */
interface Line {
  readonly name: string;
  /** Of the BSD form; undefined: the number of digits tells. */
  readonly hash: string | undefined;
  readonly hex: string;
}

/** `hex  name`, `hex *name` (sha256sum), which begins with a backslash where the name has escapes. */
const GNU = /^(?<hex>[0-9a-f]{32,128})[ \t]+\*?(?<name>\S.*)$/iu;
/** `SHA256 (name) = hex` (sha256sum --tag). */
const BSD = /^(?<hash>[a-z0-9-]{3,12})[ \t]?\((?<name>.+)\)[ \t]*=[ \t]*(?<hex>[0-9a-f]+)$/iu;
const BARE = /^(?:[a-z0-9]+:)?[0-9a-f]{32,128}$/iu;
/** `# name: 123 bytes`, as Fedora and its relatives write above each line. */
const SIZE = /^#\s*(?<name>\S+):\s*(?<bytes>\d{1,15}) bytes$/u;

/**
 * The digest of a file by what a checksum file says, be it of sha256sum's form or BSD's, signed in the clear
 * or not, of one file or many. Lines that say different things of one file are refused.
 * @param fileName last part of the URL as the catalog has it: mirrors rename what they lead to
 * @param wanted the hash that must be there; undefined: the stronger of those that are
 * @param isOfThisFile the checksum file is called after the file, so that a digest alone in it is of that
 */
export function digestOf(
  text: string,
  fileName: string,
  wanted?: DigestAlgorithm,
  isOfThisFile = true,
): FoundDigest {
  const signed = signedPart(text);
  if ('problem' in signed) return signed;
  const lines = linesOf(signed.text);
  const bare = lines.length === 1 && isOfThisFile && BARE.test(lines[0] ?? '') ? lines[0] : undefined;
  const found =
    bare === undefined
      ? lines.flatMap((line) => readLine(line) ?? []).filter(({ name }) => name === fileName)
      : [{ name: fileName, hash: undefined, hex: bare }];
  return found.length === 0 ? { problem: whyNone(text, lines, fileName) } : agreed(found, fileName, wanted);
}

/** The names of all files that a checksum file has a digest of, each once, in its order. */
export function namesIn(text: string): readonly string[] {
  const signed = signedPart(text);
  if ('problem' in signed) return [];
  return [...new Set(linesOf(signed.text).flatMap((line) => readLine(line)?.name ?? []))];
}

/** How long a file is, where a comment of its checksum file says so. */
export function bytesOf(text: string, fileName: string): number | undefined {
  const signed = signedPart(text);
  if ('problem' in signed) return undefined;
  const sizes = signed.text.split('\n').flatMap((line) => {
    const { name, bytes } = SIZE.exec(line.trim())?.groups ?? {};
    return name === fileName ? [Number(bytes)] : [];
  });
  const found = new Set(sizes);
  return found.size === 1 ? [...found][0] : undefined;
}

/** Without comments and empty lines. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/u, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function readLine(line: string): Line | undefined {
  const { hash, name, hex } = (BSD.exec(line) ?? GNU.exec(line))?.groups ?? {};
  return name === undefined || hex === undefined
    ? undefined
    : { name: name.replace(/^\.\//u, ''), hash, hex };
}

/** One digest of what is said of one file. */
function agreed(lines: readonly Line[], fileName: string, wanted: DigestAlgorithm | undefined): FoundDigest {
  const read = lines.map(digestIn);
  const good = read.flatMap((one) => ('digest' in one ? [one.digest] : []));
  const [first] = read;
  if (good.length === 0) {
    const why = first !== undefined && 'problem' in first ? first.problem : 'none of them can be read';
    return { problem: `its digest of ${quote(fileName)}: ${why}` };
  }
  const algorithm = wanted ?? (good.some((one) => one.algorithm === 'sha512') ? 'sha512' : 'sha256');
  const hexes = new Set(good.filter((one) => one.algorithm === algorithm).map(({ hex }) => hex));
  const [hex, ...others] = hexes;
  if (hex === undefined) return { problem: `it has no ${algorithm} of ${quote(fileName)}` };
  if (others.length > 0) return { problem: `it has ${hexes.size} different digests of ${quote(fileName)}` };
  return { digest: { algorithm, hex } };
}

function digestIn({ hash, hex }: Line): FoundDigest {
  if (hash !== undefined && isBrokenHash(hash)) return asFound(readDigest(`${hash}:${hex}`));
  return asFound(readDigest(hash === undefined ? hex : `${hash.replace('-', '')}:${hex}`));
}

function asFound(parts: Digest | { readonly problem: string }): FoundDigest {
  return 'problem' in parts ? parts : { digest: parts };
}

function whyNone(text: string, lines: readonly string[], fileName: string): string {
  if (/^\s*(?:<!doctype|<html|<\?xml)/iu.test(text)) return 'it is a web page and no checksum file';
  if (lines.length === 0) return 'it is empty';
  if (lines.length === 1 && BARE.test(lines[0] ?? '')) {
    return 'it is a digest alone, and its own name does not say of what';
  }
  const names = lines.flatMap((line) => readLine(line)?.name ?? []);
  if (names.length === 0) return 'it has no line of a checksum file';
  return `it has ${names.length} file${names.length === 1 ? '' : 's'}, and none is ${quote(fileName)}`;
}
