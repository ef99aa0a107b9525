import { closeSync, fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';

const readAt = promisify(read);

/** A file that was opened once: whatever takes its place, its bytes are those of this one. */
export class OpenFile implements Disposable {
  readonly #descriptor: number;
  readonly #was: string;
  /** As the user wrote it. */
  readonly path: string;
  readonly bytes: number;
  /** The same under each of its paths. */
  readonly file: string;

  /** @param descriptor which it closes in the end @throws the system's errors */
  constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.path = path;
    const { dev, ino, size } = fstatSync(descriptor, { bigint: true });
    this.bytes = Number(size);
    this.file = `${dev}:${ino}`;
    this.#was = this.#mark();
  }

  /** Fills a buffer from an offset on. @returns fewer bytes at its end @throws the system's errors */
  async read(buffer: Uint8Array, offset: number): Promise<number> {
    let got = 0;
    while (got < buffer.length) {
      const { bytesRead } = await readAt(this.#descriptor, buffer, got, buffer.length - got, offset + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    return got;
  }

  /** Whether it is the file still that was opened, as far as its size and times tell. */
  isAsItWas(): boolean {
    return this.#mark() === this.#was;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #mark(): string {
    const { size, mtimeNs, ctimeNs } = fstatSync(this.#descriptor, { bigint: true });
    return `${size} ${mtimeNs} ${ctimeNs}`;
  }
}
