const SECTOR = 2048;
/** ECMA-119 8.4.18: the record of the root directory in the primary volume descriptor, which is sector 16. */
const ROOT_RECORD = 16 * SECTOR + 156;

/** The files of an image by the names in its primary tree, without their versions. */
export function isoFiles(image: Uint8Array): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const files = new Map<string, Buffer>();
  const root = extent(bytes, ROOT_RECORD);
  for (let at = root.start; at < root.end;) {
    const length = bytes.readUInt8(at);
    if (length === 0) {
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
    } else {
      const name = bytes.toString('latin1', at + 33, at + 33 + bytes.readUInt8(at + 32));
      const { start, end } = extent(bytes, at);
      // The directory itself and its parent are called by a single byte below a blank.
      if (name > ' ') files.set(name.replace(/;1$/, ''), bytes.subarray(start, end));
      at += length;
    }
  }
  return files;
}

/** ECMA-119 9.1.3 and 9.1.4. */
function extent(bytes: Buffer, record: number): { readonly start: number; readonly end: number } {
  const start = bytes.readUInt32LE(record + 2) * SECTOR;
  return { start, end: start + bytes.readUInt32LE(record + 10) };
}
