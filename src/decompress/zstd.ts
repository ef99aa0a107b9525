import { PlowError } from '../errors/plow-error.ts';
import type { Decoder, Position, Step } from './decoder.ts';
import { corrupt, tooMuchMemory } from './failure.ts';
import { addressOf, callAsync, loadLibrary } from './native.ts';
import type { NativeFunction } from './native.ts';

/** https://facebook.github.io/zstd/zstd_manual.html */
const LIBZSTD = {
  file: 'libzstd.so.1',
  purpose: 'unpacks .zst files',
  packages: { apt: 'libzstd1', dnf: 'libzstd', zypper: 'libzstd1' },
  prototypes: {
    ZSTD_createDStream: 'void *ZSTD_createDStream(void)',
    ZSTD_freeDStream: 'size_t ZSTD_freeDStream(void *stream)',
    ZSTD_DCtx_setParameter: 'size_t ZSTD_DCtx_setParameter(void *stream, int parameter, int value)',
    ZSTD_decompressStream: 'size_t ZSTD_decompressStream(void *stream, void *output, void *input)',
    ZSTD_isError: 'uint ZSTD_isError(size_t code)',
    ZSTD_getErrorName: 'const char *ZSTD_getErrorName(size_t code)',
  },
} as const;

/** ZSTD_d_windowLogMax: 128 MiB, as the program zstd allows without `--long=28` and more. */
const WINDOW_LOG_MAX = 100;
const MOST_WINDOW_LOG = 27;

/** ZSTD_inBuffer and ZSTD_outBuffer: a pointer, how many bytes, how many of them are done. */
const BUFFERS = { bytes: 256, input: 0, output: 128, size: 8, position: 16 } as const;

let library: Readonly<Record<keyof typeof LIBZSTD.prototypes, NativeFunction>> | undefined;

/** A decoder of .zst files. @param name the file's, for errors */
export function openZstd(name: string): Decoder {
  library ??= loadLibrary(LIBZSTD);
  return new ZstdDecoder(library, name);
}

class ZstdDecoder implements Decoder {
  readonly #library: NonNullable<typeof library>;
  readonly #name: string;
  readonly #stream: bigint;
  readonly #buffers = Buffer.alloc(BUFFERS.bytes);
  readonly #at = addressOf(this.#buffers);
  #whole = false;

  constructor(zstd: NonNullable<typeof library>, name: string) {
    this.#library = zstd;
    this.#name = name;
    const stream = zstd.ZSTD_createDStream() as bigint | null;
    if (stream === null) throw new PlowError('storage', `cannot unpack ${name}: no memory is left`);
    this.#stream = stream;
    zstd.ZSTD_DCtx_setParameter(stream, WINDOW_LOG_MAX, MOST_WINDOW_LOG);
  }

  async step(input: Uint8Array, output: Uint8Array, { outcome }: Position): Promise<Step> {
    this.#point(BUFFERS.input, input);
    this.#point(BUFFERS.output, output);
    const result = (await callAsync(
      this.#library.ZSTD_decompressStream,
      this.#stream,
      this.#at + BigInt(BUFFERS.output),
      this.#at + BigInt(BUFFERS.input),
    )) as number | bigint;
    const [taken, written] = [this.#done(BUFFERS.input), this.#done(BUFFERS.output)];
    if (this.#library.ZSTD_isError(result) !== 0) throw this.#failure(result, outcome + written);
    // Behind a frame it waits for the next one, if any.
    if (taken > 0 || written > 0) this.#whole = Number(result) === 0;
    return { taken, written, whole: this.#whole };
  }

  #point(buffer: number, bytes: Uint8Array): void {
    this.#buffers.writeBigUInt64LE(bytes.length === 0 ? 0n : addressOf(bytes), buffer);
    this.#buffers.writeBigUInt64LE(BigInt(bytes.length), buffer + BUFFERS.size);
    this.#buffers.writeBigUInt64LE(0n, buffer + BUFFERS.position);
  }

  #done(buffer: number): number {
    return Number(this.#buffers.readBigUInt64LE(buffer + BUFFERS.position));
  }

  #failure(result: number | bigint, outcome: number): Error {
    const words = String(this.#library.ZSTD_getErrorName(result));
    // ZSTD_error_frameParameter_windowTooLarge
    if (BigInt.asIntN(64, BigInt(result)) === -16n) {
      return tooMuchMemory(this.#name, 'zstd', 2 ** MOST_WINDOW_LOG);
    }
    return corrupt(this.#name, 'zstd', outcome, words);
  }

  free(): void {
    this.#library.ZSTD_freeDStream(this.#stream);
  }
}
