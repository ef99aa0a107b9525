import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decompressed } from '../../../src/decompress/decompressed.ts';
import { compressionOf, HEAD_BYTES } from '../../../src/decompress/kinds.ts';
import { loadLibrary } from '../../../src/decompress/native.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { DATA, all, packed, pieces } from './support.ts';

const KINDS = [
  ['xz', 'xz'],
  ['gzip', 'gzip'],
  ['zstd', 'zstd'],
] as const;
const OPTIONS = { name: 'x.img', mostBytes: 2 ** 40 };

/** statm(5): all that is mapped, touched or not; pages have 4 KiB where this is tested. */
function mappedMib(): number {
  return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]) / 256;
}

async function failureOf(work: Promise<unknown>): Promise<PlowError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PlowError);
  return error as PlowError;
}

describe('the kind of a file', () => {
  it.each([...KINDS, ['bzip2', 'bzip2']] as const)(
    '%s is told by what the program makes',
    (kind, program) => {
      expect(compressionOf(packed(program, DATA).subarray(0, HEAD_BYTES))).toBe(kind);
    },
  );

  it.each(['', 'B', '\u001F', 'QFI\u00FB\0\0\0\u0003', 'BZ', '(\u00B5/'])('%j is none', (text) => {
    expect(compressionOf(Buffer.from(text, 'latin1'))).toBe('none');
  });
});

describe.each(KINDS)('%s', (kind, program) => {
  it.each([1 << 20, 65_536, 1000, 7])('comes out as it went in, in pieces of %i bytes', async (size) => {
    const data = size < 100 ? DATA.subarray(0, 100_000) : DATA;
    const out = await all(decompressed(pieces(packed(program, data), size), kind, OPTIONS));
    expect(out.equals(data)).toBe(true);
  });

  it('has chunks that nobody writes to again, of 64 KiB at first', async () => {
    const sizes: number[] = [];
    for await (const chunk of decompressed(pieces(packed(program, DATA), 1 << 20), kind, OPTIONS)) {
      sizes.push(chunk.length);
      expect(chunk.length).toBeLessThanOrEqual(2 ** 20);
    }
    expect(sizes[0]).toBeGreaterThanOrEqual(64 * 1024);
  });

  it('comes out wherever its pieces and the chunks end', async () => {
    const data = Buffer.concat([DATA.subarray(0, 64 * 1024), Buffer.alloc(1000)]);
    const bytes = packed(program, data);
    for (let at = bytes.length - 200; at < bytes.length; at += 1) {
      const source = (async function* () {
        yield* pieces(bytes.subarray(0, at), 1 << 20);
        yield* pieces(bytes.subarray(at), 1);
      })();
      expect((await all(decompressed(source, kind, OPTIONS))).equals(data)).toBe(true);
    }
  });

  it('may be several in one file, and of nothing', async () => {
    const [one, none] = [packed(program, DATA), packed(program, Buffer.alloc(0))];
    const out = await all(decompressed(pieces(Buffer.concat([one, none, one])), kind, OPTIONS));
    expect(out.equals(Buffer.concat([DATA, DATA]))).toBe(true);
    expect(await all(decompressed(pieces(none), kind, OPTIONS))).toHaveLength(0);
  });

  it('says where it is not whole, wherever it is cut', async () => {
    const whole = packed(program, DATA.subarray(0, 2000));
    for (
      let length = 6;
      length < whole.length;
      length += length < 40 || length > whole.length - 40 ? 1 : 97
    ) {
      const { message } = await failureOf(
        all(decompressed(pieces(whole.subarray(0, length)), kind, OPTIONS)),
      );
      expect(message, `cut at ${length}`).toMatch(
        new RegExp(`^cannot unpack x\\.img: it ends in the middle of its ${kind} data, after .* came out$`),
      );
    }
  });

  it('says what is not valid, and how far it came', async () => {
    const bad = Buffer.from(packed(program, DATA, ...(kind === 'zstd' ? ['--check'] : [])));
    bad.fill(0xa5, bad.length >> 1, (bad.length >> 1) + 40);
    const error = await failureOf(all(decompressed(pieces(bad), kind, OPTIONS)));
    expect(error.message).toMatch(/^cannot unpack x\.img: .* is no valid .* data behind the [\d.]+ \w+ that/);
    expect(error.kind).toBe('storage');
    expect(error.hint).toContain('digest');
    expect(error.detail).not.toBe('');
  });

  it('of more than is allowed is an error, before it fills anything', async () => {
    const bomb = packed(program, Buffer.alloc(64 * 2 ** 20));
    let taken = 0;
    const work = (async () => {
      for await (const chunk of decompressed(pieces(bomb), kind, { name: 'x', mostBytes: 2 ** 20 })) {
        taken += chunk.length;
      }
    })();
    expect((await failureOf(work)).message).toBe('cannot unpack x: more than 1 MiB come out of it');
    expect(taken).toBeLessThanOrEqual(2 ** 20);
    expect(
      await all(decompressed(pieces(packed(program, DATA)), kind, { name: 'x', mostBytes: DATA.length })),
    ).toHaveLength(DATA.length);
  });

  it('passes on what is wrong with its source, and tells the source that it ends', async () => {
    let closed = 0;
    const bytes = packed(program, DATA);
    const source = async function* (fails: boolean): AsyncGenerator<Uint8Array> {
      try {
        yield* pieces(bytes.subarray(0, bytes.length >> 1));
        if (fails) throw new RangeError('the line');
        yield* pieces(bytes.subarray(bytes.length >> 1));
      } finally {
        closed += 1;
      }
    };
    await expect(all(decompressed(source(true), kind, OPTIONS))).rejects.toThrow(new RangeError('the line'));
    for await (const chunk of decompressed(source(false), kind, OPTIONS)) if (chunk.length > 0) break;
    await expect(all(decompressed(source(false), kind, { name: 'x', mostBytes: 1 }))).rejects.toThrow(
      'more than',
    );
    expect(closed).toBe(3);
  });

  it('gives its memory back where whoever takes stops early, or all was wrong', async () => {
    const [good, bad] = [packed(program, DATA), packed(program, DATA.subarray(0, 1000)).subarray(0, 50)];
    const round = async (): Promise<void> => {
      for await (const chunk of decompressed(pieces(good, 1 << 20), kind, OPTIONS))
        if (chunk.length > 0) break;
      await all(decompressed(pieces(bad), kind, OPTIONS)).catch(() => {});
    };
    for (let index = 0; index < 100; index += 1) await round();
    const before = mappedMib();
    for (let index = 0; index < 600; index += 1) await round();
    // A decoder of .xz has 8 MiB, of .zst 1 MiB and more, which count though nothing was written there.
    expect(mappedMib() - before).toBeLessThan(300);
  });
});

describe('what is not unpacked', () => {
  it('is not touched', async () => {
    const chunk = Buffer.from('QFI');
    for await (const same of decompressed(pieces(chunk), 'none', OPTIONS))
      expect(same.buffer).toBe(chunk.buffer);
  });

  it('is bounded too', async () => {
    await expect(all(decompressed(pieces(DATA), 'none', { name: 'x', mostBytes: 5 }))).rejects.toThrow(
      'more than 5 bytes',
    );
  });

  it('is bzip2', async () => {
    const error = await failureOf(all(decompressed(pieces(packed('bzip2', DATA)), 'bzip2', OPTIONS)));
    expect([error.message, error.hint]).toStrictEqual([
      'cannot unpack x.img: plow does not read bzip2',
      'bunzip2 it first, or take the file that is published as .xz, .gz, .zst or as it is',
    ]);
  });

  it('is what needs a decoder of more memory than any publisher uses', async () => {
    const large = execFileSync('xz', ['-c', '--lzma2=preset=0,dict=512MiB'], {
      input: DATA,
      maxBuffer: 2 ** 30,
    });
    expect((await failureOf(all(decompressed(pieces(large), 'xz', OPTIONS)))).message).toBe(
      'cannot unpack x.img: its xz data need more than the 256 MiB of memory that plow gives it',
    );
    const wide = execFileSync('zstd', ['-c', '--long=28', '-q'], {
      input: Buffer.alloc(2 ** 29),
      maxBuffer: 2 ** 30,
    });
    expect((await failureOf(all(decompressed(pieces(wide), 'zstd', OPTIONS)))).message).toMatch(
      /its zstd data need more than the 128 MiB/,
    );
  });

  it('is garbage behind the data', async () => {
    for (const [kind, program] of [KINDS[0], KINDS[2]]) {
      const bytes = Buffer.concat([packed(program, DATA), Buffer.from('<html>garbage')]);
      expect((await failureOf(all(decompressed(pieces(bytes), kind, OPTIONS)))).message).toContain(
        'no valid',
      );
    }
  });
});

function load(): unknown {
  return loadLibrary({
    file: 'libnone.so.5',
    purpose: 'unpacks .none files',
    packages: { apt: 'libnone5', dnf: 'none-libs', zypper: 'libnone5' },
    prototypes: {},
  });
}

describe('a library that is not installed', () => {
  it('is told with the package that has it', () => {
    expect(load).toThrow(
      expect.objectContaining({
        kind: 'storage',
        message: 'cannot load libnone.so.5, which unpacks .none files: it is not installed',
        hint: expect.stringMatching(/^install it: .*libnone5/),
      }),
    );
  });
});

describe('the event loop', () => {
  it('goes on meanwhile', async () => {
    const zeros = packed('xz', Buffer.alloc(64 * 2 ** 20));
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    for await (const chunk of decompressed(pieces(zeros, 1 << 20), 'xz', OPTIONS))
      expect(chunk).not.toHaveLength(0);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });
});
