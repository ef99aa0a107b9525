import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bytesOf, digestOf, namesIn } from '../../../src/images/checksum-file.ts';
import { digestText, parseDigest } from '../../../src/images/digest.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const LONG = 'c'.repeat(128);

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`, 'u'));

const clearSigned = (body: string): string =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${body}\n-----BEGIN PGP SIGNATURE-----\n\niQIz\n-----END PGP SIGNATURE-----\n`;

const textOf = (found: ReturnType<typeof digestOf>): string =>
  'digest' in found ? digestText(found.digest) : found.problem;

describe('digestOf', () => {
  it.each([
    ['of sha256sum', `${A}  a.img\n${B}  b.img\n`, `sha256:${A}`],
    ['of sha256sum in binary mode', `${B} *b.img\n${A} *a.img\n`, `sha256:${A}`],
    ['with the directory it was made in', `${A}  ./a.img\n`, `sha256:${A}`],
    ['of sha512sum', `${LONG}  a.img\r\n`, `sha512:${LONG}`],
    ['in capitals', `${A.toUpperCase()}  a.img\n`, `sha256:${A}`],
    ['of BSD', `# a.img: 5 bytes\nSHA256 (a.img) = ${A}\nSHA256 (b.img) = ${B}\n`, `sha256:${A}`],
    ['of BSD with a longer hash', `SHA512 (a.img) = ${LONG}`, `sha512:${LONG}`],
    ['signed in the clear', clearSigned(`SHA256 (a.img) = ${A}`), `sha256:${A}`],
    ['with the same line twice', `${A}  a.img\n${A}  a.img\n`, `sha256:${A}`],
    [
      'with weak hashes beside',
      `# MD5\n${'d'.repeat(32)}  a.img\n# SHA512\n${LONG}  a.img`,
      `sha512:${LONG}`,
    ],
    ['with both hashes', `${A}  a.img\n${LONG}  a.img\n`, `sha512:${LONG}`],
    ['alone', `${LONG}\n`, `sha512:${LONG}`],
    ['after a byte order mark', `\uFEFF${A}  a.img\n`, `sha256:${A}`],
  ])('finds a digest %s', (_, text, found) => {
    expect(textOf(digestOf(text, 'a.img'))).toBe(found);
  });

  it('takes the hash that is wanted', () => {
    expect(textOf(digestOf(`${A}  a.img\n${LONG}  a.img\n`, 'a.img', 'sha256'))).toBe(`sha256:${A}`);
    expect(textOf(digestOf(`${A}  a.img`, 'a.img', 'sha512'))).toBe('it has no sha512 of "a.img"');
  });

  it.each([
    ['of other files', `${A}  aa.img\n${B}  a.img.xz`, 'it has 2 files, and none is "a.img"'],
    ['of a file in another directory', `${A}  old/a.img`, 'it has 1 file, and none is "a.img"'],
    ['twice', `${A}  a.img\n${B}  a.img`, 'it has 2 different digests of "a.img"'],
    ['of md5', `${'d'.repeat(32)}  a.img`, 'its digest of "a.img": md5 proves nothing'],
    [
      'of sha1 in the form of BSD',
      `SHA1 (a.img) = ${'d'.repeat(40)}`,
      'its digest of "a.img": SHA1 proves nothing',
    ],
    ['of md5 with the length of another', `MD5 (a.img) = ${A}`, 'its digest of "a.img": MD5 proves nothing'],
    [
      'of a hash with the length of another',
      `SHA512 (a.img) = ${A}`,
      'its digest of "a.img": says "SHA512" and has 64',
    ],
    ['of an odd length', `${'d'.repeat(96)}  a.img`, 'its digest of "a.img": must have 64 digits'],
    ['in a comment', `# ${A}  a.img`, 'it is empty'],
    ['in a web page', `<!DOCTYPE html>\n${A} b.img`, 'it is a web page and no checksum file'],
    [
      'before what is signed',
      `${A}  a.img\n${clearSigned(`${B}  b.img`)}`,
      'it has 1 file, and none is "a.img"',
    ],
    [
      'after what is signed',
      `${clearSigned(`${B}  b.img`)}${A}  a.img\n`,
      'it has 1 file, and none is "a.img"',
    ],
    [
      'signed twice',
      clearSigned(`${A}  a.img`) + clearSigned(`${B}  b.img`),
      'it holds more than one signed text',
    ],
    [
      'that is cut off',
      `-----BEGIN PGP SIGNED MESSAGE-----\n\n${A}  a.img`,
      'its signed text has no end: it is cut off',
    ],
    [
      'in the headers of what is signed',
      `-----BEGIN PGP SIGNED MESSAGE-----\n${A}  a.img\n-----BEGIN PGP SIGNATURE-----\n`,
      'its signed text does not begin',
    ],
  ])('refuses one %s', (_, text, problem) => {
    expect(textOf(digestOf(text, 'a.img'))).toContain(problem);
  });

  it('undoes the escapes of what is signed', () => {
    expect(textOf(digestOf(clearSigned(`- -- of today\n- ${A}  -a.img`), '-a.img'))).toBe(`sha256:${A}`);
  });

  it('takes a digest alone only where the file is called after the image', () => {
    expect(textOf(digestOf(A, 'a.img', undefined, false))).toContain('does not say of what');
  });

  it('finds what it was made of, whatever stands around', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{1,30}$/u);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.oneof(hex(64), hex(128))), {
          minLength: 1,
          maxLength: 8,
          selector: ([one]) => one,
        }),
        fc.boolean(),
        fc.boolean(),
        (files, isBsd, isSigned) => {
          const lines = files.map(([one, sum]) =>
            isBsd ? `SHA${sum.length * 4} (${one}) = ${sum}` : `${sum}  ${one}`,
          );
          const text = isSigned ? clearSigned(lines.join('\n')) : `# sums\n${lines.join('\n')}\n`;
          for (const [one, sum] of files) {
            expect(digestOf(text, one, undefined, false)).toStrictEqual({
              digest: { algorithm: sum.length === 64 ? 'sha256' : 'sha512', hex: sum },
            });
          }
          expect(namesIn(text)).toStrictEqual(files.map(([one]) => one));
        },
      ),
    );
  });

  it('says something of any text, and takes no time for it', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        A,
        LONG,
        '  ',
        ' *',
        'a.img',
        '\n',
        '(',
        ')',
        ' = ',
        'SHA256',
        '- ',
        '#',
        '-----BEGIN PGP SIGNED MESSAGE-----',
        '-----BEGIN PGP SIGNATURE-----',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(textOf(digestOf(pieces.join(''), 'a.img'))).toMatch(
          /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|it.+)$/su,
        );
      }),
    );
    const began = performance.now();
    digestOf(`SHA256 (${'('.repeat(200_000)}`, 'a.img');
    digestOf(`${' '.repeat(200_000)}x`, 'a.img');
    digestOf(`a${'\t'.repeat(200_000)}x`, 'a.img');
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('bytesOf', () => {
  it('reads the comments of Fedora and its relatives', () => {
    const text = `# a.img: 537001984 bytes\nSHA256 (a.img) = ${A}\n`;
    expect(bytesOf(text, 'a.img')).toBe(537_001_984);
    expect(bytesOf(text, 'b.img')).toBeUndefined();
    expect(bytesOf(`${text}# a.img: 5 bytes\n`, 'a.img')).toBeUndefined();
  });
});

describe('parseDigest', () => {
  it('reads what digestText writes', () => {
    expect(parseDigest(`sha256:${A}`)).toStrictEqual({ digest: { algorithm: 'sha256', hex: A } });
    expect(parseDigest(LONG)).toStrictEqual({ digest: { algorithm: 'sha512', hex: LONG } });
  });

  it.each([
    ['md5:abc', 'md5 proves nothing'],
    ['d'.repeat(40), 'sha1 proves nothing'],
    ['sha256:abc', 'must have 64 digits'],
    [`sha512:${A}`, 'says "sha512" and has 64 digits'],
    ['', 'must be a digest'],
    ['latest', 'must be a digest'],
  ])('refuses %s', (text, problem) => {
    expect(parseDigest(text)).toStrictEqual({ problem: expect.stringContaining(problem) });
  });
});
