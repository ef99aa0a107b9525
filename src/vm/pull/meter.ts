import { shownUrl } from '../../text/shown-url.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pace } from '../image-store/pace.ts';
import { digestText } from '../../images/digest.ts';
import type { Digest } from '../../images/digest.ts';
import type { Hasher } from '../image-store/bytes.ts';
import type { PullTools, Verification, WantedImage } from './wanted.ts';

/** Takes the digests of an image as it goes by: of what is downloaded, and of what comes out of it. */
export class Meter {
  readonly #wanted: WantedImage;
  readonly #tools: PullTools;
  readonly #pace: Pace | undefined;
  readonly #downloaded: Measured;
  readonly #content: Measured;
  readonly #verification: Verification | undefined;

  constructor(
    wanted: WantedImage,
    tools: PullTools,
    pace: Pace | undefined,
    verification: Verification | undefined,
  ) {
    this.#wanted = wanted;
    this.#tools = tools;
    this.#pace = pace;
    this.#verification = verification;
    this.#downloaded = measured(wanted.downloaded, tools);
    this.#content = measured(wanted.content, tools);
  }

  /** What comes out of a download. @param mostBytes more than that is an error */
  content(chunks: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Uint8Array, void> {
    return passing(
      this.#tools.unpacked(this.#arriving(chunks), shownUrl(this.#wanted.url), mostBytes),
      this.#content.hasher,
    );
  }

  async *#arriving(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    let bytes = 0;
    for await (const chunk of passing(chunks, this.#downloaded.hasher)) {
      bytes += chunk.length;
      await this.#verification?.write(chunk);
      yield chunk;
      this.#pace?.moved(bytes, chunk.length);
    }
  }

  /** Once all of it has gone by. @throws PlowError (validation) where a digest is another one */
  async agree(path: string): Promise<Proof> {
    const [downloaded, content] = [this.#downloaded, this.#content].map(({ algorithm, hasher }) => ({
      algorithm,
      hex: hasher.digest('hex'),
    }));
    if (downloaded === undefined || content === undefined) throw new Error('there are two digests');
    const { url } = this.#wanted;
    assertSame(`what ${shownUrl(url)} gives`, this.#wanted.downloaded, downloaded, path);
    assertSame(`what comes out of ${shownUrl(url)}`, this.#wanted.content, content, path);
    const signer = (await this.#verification?.end()) ?? this.#wanted.signedBy;
    return { downloaded: digestText(downloaded), content: digestText(content), signedBy: signer };
  }
}

/** What proves an image. */
interface Proof {
  readonly downloaded: string;
  readonly content: string;
  readonly signedBy: string | null;
}

interface Measured {
  readonly algorithm: Digest['algorithm'];
  readonly hasher: Hasher;
}

function measured(wanted: Digest | undefined, { newHasher }: PullTools): Measured {
  const algorithm = wanted?.algorithm ?? 'sha256';
  return { algorithm, hasher: newHasher(algorithm) };
}

async function* passing(chunks: AsyncIterable<Uint8Array>, hasher: Hasher): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    hasher.update(chunk);
    yield chunk;
  }
}

function assertSame(what: string, wanted: Digest | undefined, found: Digest, path: string): void {
  if (wanted === undefined || wanted.hex === found.hex) return;
  throw new PlowError('validation', `${what} is another file: it has ${digestText(found)}`, {
    detail: `wanted for ${path}: ${digestText(wanted)}`,
    hint: 'nothing of it is kept; the publisher may have a newer build, or somebody has changed it on its way',
  });
}
