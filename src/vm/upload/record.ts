/**
 * What stands in place of the first bytes of an image until all others are there. It is no header of any
 * format, and no boot sector.
 */
export interface UploadRecord {
  /** SHA-256 of the whole image, in hex. */
  readonly digest: string;
  /** How long it is to be. */
  readonly bytes: number;
  /** Of whoever sends it: who finds another one there sends no more. */
  readonly token: string;
}

/** A page, which is written as one. The partition table of a raw disk is in it. */
export const HEAD_BYTES = 4096;

const MAGIC = 'plow-upload 1\n';
const LINE = /^plow-upload 1\n(?<digest>[0-9a-f]{64}) (?<bytes>[0-9]{1,16}) (?<token>[0-9a-f-]{36})\n\0*$/u;

export function writeRecord({ digest, bytes, token }: UploadRecord): Uint8Array {
  const record = new Uint8Array(HEAD_BYTES);
  record.set(new TextEncoder().encode(`${MAGIC}${digest} ${bytes} ${token}\n`));
  return record;
}

/** Undefined for what is none. @param head the first bytes of a file */
export function readRecord(head: Uint8Array): UploadRecord | undefined {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  const { digest, bytes, token } = LINE.exec(text)?.groups ?? {};
  if (digest === undefined || bytes === undefined || token === undefined) return undefined;
  return { digest, bytes: Number(bytes), token };
}
