import { SECTOR_BYTES, sectorCount } from './sectors.ts';
import type { Extent } from './sectors.ts';

/** Parts of an image that follow each other, each from a sector of its own on. */
export class Parts {
  readonly #parts: { readonly sector: number; readonly bytes: Uint8Array }[] = [];
  #nextSector: number;

  constructor(firstSector: number) {
    this.#nextSector = firstSector;
  }

  /** The sector of the next part; once all are there, the end. */
  get nextSector(): number {
    return this.#nextSector;
  }

  /**
   * Even an empty part takes a sector, so that no two files share one and every extent lies in the volume.
   */
  append(bytes: Uint8Array): Extent {
    const sector = this.#nextSector;
    this.#parts.push({ sector, bytes });
    this.#nextSector += Math.max(1, sectorCount(bytes.length));
    return { sector, byteLength: bytes.length };
  }

  copyTo(image: Uint8Array): void {
    for (const { sector, bytes } of this.#parts) image.set(bytes, sector * SECTOR_BYTES);
  }
}
