import type { Decoder, Position, Step } from './decoder.ts';
import { corrupt, tooMuchMemory } from './failure.ts';
import { addressOf, callAsync, loadLibrary } from './native.ts';
import type { NativeFunction } from './native.ts';

/** https://tukaani.org/xz/liblzma-api/container_8h.html and base_8h.html */
const LIBLZMA = {
  file: 'liblzma.so.5',
  purpose: 'unpacks .xz files',
  packages: { apt: 'liblzma5', dnf: 'xz-libs', zypper: 'liblzma5' },
  prototypes: {
    lzma_stream_decoder: 'int lzma_stream_decoder(void *stream, uint64_t memlimit, uint32_t flags)',
    lzma_code: 'int lzma_code(void *stream, int action)',
    lzma_end: 'void lzma_end(void *stream)',
  },
} as const;

/** `xz -9` needs 65 MiB. */
const MOST_MEMORY = 256 * 2 ** 20;
/** LZMA_CONCATENATED: a file may have several streams. */
const CONCATENATED = 0x08;

const ACTION = { run: 0, finish: 3 } as const;
const RESULT = { ok: 0, end: 1, memoryLimit: 6, format: 7, options: 8, data: 9, buffer: 10 } as const;

/** In words of somebody who looks for them. */
const WORDS: Readonly<Record<number, string>> = {
  5: 'LZMA_MEM_ERROR: no memory',
  [RESULT.format]: 'LZMA_FORMAT_ERROR: not the .xz format',
  [RESULT.options]: 'LZMA_OPTIONS_ERROR: a method that this liblzma does not know',
  [RESULT.data]: 'LZMA_DATA_ERROR: a checksum in it does not agree, or the data are no such',
};

/** lzma_stream of 64-bit machines: bytes, and where its fields are. */
const STREAM = { bytes: 136, nextIn: 0, availableIn: 8, nextOut: 24, availableOut: 32 } as const;

let library: Readonly<Record<keyof typeof LIBLZMA.prototypes, NativeFunction>> | undefined;

/** A decoder of .xz files. @param name the file's, for errors */
export function openXz(name: string): Decoder {
  library ??= loadLibrary(LIBLZMA);
  return new XzDecoder(library, name);
}

class XzDecoder implements Decoder {
  readonly #library: NonNullable<typeof library>;
  readonly #name: string;
  /** Zeros are LZMA_STREAM_INIT. */
  readonly #stream = Buffer.alloc(STREAM.bytes);
  readonly #at = addressOf(this.#stream);

  constructor(lzma: NonNullable<typeof library>, name: string) {
    this.#library = lzma;
    this.#name = name;
    const result = lzma.lzma_stream_decoder(this.#at, BigInt(MOST_MEMORY), CONCATENATED);
    if (result !== RESULT.ok) throw this.#failure(Number(result), 0);
  }

  async step(input: Uint8Array, output: Uint8Array, { outcome, last }: Position): Promise<Step> {
    this.#point(STREAM.nextIn, input);
    this.#point(STREAM.nextOut, output);
    const action = last ? ACTION.finish : ACTION.run;
    const result = Number(await callAsync(this.#library.lzma_code, this.#at, action));
    const taken = input.length - Number(this.#stream.readBigUInt64LE(STREAM.availableIn));
    const written = output.length - Number(this.#stream.readBigUInt64LE(STREAM.availableOut));
    // Without anything to do it says so, which is no error: who asked knows what is missing.
    const fine = result === RESULT.ok || result === RESULT.end || result === RESULT.buffer;
    if (!fine) throw this.#failure(result, outcome + written);
    return { taken, written, whole: result === RESULT.end };
  }

  /** A pointer, and the length behind it. */
  #point(field: number, bytes: Uint8Array): void {
    this.#stream.writeBigUInt64LE(bytes.length === 0 ? 0n : addressOf(bytes), field);
    this.#stream.writeBigUInt64LE(BigInt(bytes.length), field + 8);
  }

  #failure(result: number, outcome: number): Error {
    if (result === RESULT.memoryLimit) return tooMuchMemory(this.#name, 'xz', MOST_MEMORY);
    return corrupt(this.#name, 'xz', outcome, WORDS[result] ?? `liblzma answers ${result}`);
  }

  free(): void {
    this.#library.lzma_end(this.#at);
  }
}
