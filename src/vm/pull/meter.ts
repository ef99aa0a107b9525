import { PlowError } from '../../errors/plow-error.ts';
import type { Pace } from '../image-store/pace.ts';
import { digestText } from '../../images/digest.ts';
import type { Digest } from '../../images/digest.ts';
import type { Hasher } from '../image-store/bytes.ts';
import type { Bringing } from './source.ts';
import type { Verification } from './wanted.ts';

/** Takes the digests of an image as it goes by: of what is downloaded, and of what comes out of it. */
export class Meter {
  readonly #bringing: Bringing;
  readonly #pace: Pace | undefined;
  readonly #downloaded: Measured;
  readonly #content: Measured;
  readonly #verification: Verification | undefined;
  /** Of what is not compressed one digest is enough, unless two kinds of it are wanted. */
  #hasOneDigest = false;

  constructor(bringing: Bringing, pace: Pace | undefined, verification: Verification | undefined) {
    const { wanted } = bringing;
    this.#bringing = bringing;
    this.#pace = pace;
    this.#verification = verification;
    this.#downloaded = measured(wanted.downloaded, bringing);
    this.#content = measured(wanted.content, bringing);
  }

  /** What comes out of a download. @param mostBytes more than that is an error */
  content(chunks: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Uint8Array, void> {
    const { algorithm } = this.#content;
    const unpacked = this.#bringing.source.unpacked(this.#arriving(chunks), mostBytes, (isPacked) => {
      this.#hasOneDigest = !isPacked && algorithm === this.#downloaded.algorithm;
    });
    return this.#comingOut(unpacked);
  }

  async *#comingOut(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of chunks) {
      if (!this.#hasOneDigest) this.#content.hasher.update(chunk);
      yield chunk;
    }
  }

  async *#arriving(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    let bytes = 0;
    for await (const chunk of chunks) {
      this.#downloaded.hasher.update(chunk);
      bytes += chunk.length;
      await this.#verification?.write(chunk);
      yield chunk;
      this.#pace?.moved(bytes, chunk.length);
    }
  }

  /** Once all of it has gone by. @throws PlowError (validation) where a digest is another one */
  async agree(path: string): Promise<Proof> {
    const downloaded = digestOf(this.#downloaded);
    const content = this.#hasOneDigest ? downloaded : digestOf(this.#content);
    const { wanted, source } = this.#bringing;
    const told = { path, hint: source.hint };
    assertSame(source.gives, wanted.downloaded, downloaded, told);
    assertSame(`what comes out of ${source.name}`, wanted.content, content, told);
    const signer = (await this.#verification?.end()) ?? wanted.signedBy;
    return { downloaded: digestText(downloaded), content: digestText(content), signedBy: signer };
  }
}

/** What proves an image. */
export interface Proof {
  readonly downloaded: string;
  readonly content: string;
  readonly signedBy: string | null;
}

interface Measured {
  readonly algorithm: Digest['algorithm'];
  readonly hasher: Hasher;
}

function measured(wanted: Digest | undefined, { newHasher }: Bringing): Measured {
  const algorithm = wanted?.algorithm ?? 'sha256';
  return { algorithm, hasher: newHasher(algorithm) };
}

function digestOf({ algorithm, hasher }: Measured): Digest {
  return { algorithm, hex: hasher.digest('hex') };
}

function assertSame(
  what: string,
  wanted: Digest | undefined,
  found: Digest,
  { path, hint }: { readonly path: string; readonly hint: string },
): void {
  if (wanted === undefined || wanted.hex === found.hex) return;
  throw new PlowError('validation', `${what} is another file: it has ${digestText(found)}`, {
    detail: `wanted for ${path}: ${digestText(wanted)}`,
    hint,
  });
}
