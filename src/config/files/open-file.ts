import { closeSync, fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';
import type { LocalImage } from '../machine.ts';

const readAt = promisify(read);

export class OpenFile implements LocalImage, Disposable {
  readonly #descriptor: number;
  readonly #was: string;
  readonly path: string;
  readonly bytes: number;
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

  async read(buffer: Uint8Array, offset: number): Promise<number> {
    let got = 0;
    while (got < buffer.length) {
      const { bytesRead } = await readAt(this.#descriptor, buffer, got, buffer.length - got, offset + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    return got;
  }

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
