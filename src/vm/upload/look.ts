import { posix } from 'node:path';
import type { ImageFormat, LocalImage } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { areSame } from '../image-store/bytes.ts';
import type { DirectoryView } from '../host/directories.ts';
import { chooseDirectories } from '../host/choose-directories.ts';
import type { Fingerprint } from './fingerprint.ts';
import { imageDirectory } from '../image-store/directory.ts';
import { nameAmong, uploadName } from './place.ts';
import { HEAD_BYTES, readRecord } from './record.ts';
import type { UploadRecord } from './record.ts';

/** An image of this machine that is to be on the hypervisor. */
export interface WantedImage {
  readonly file: LocalImage;
  readonly format: ImageFormat;
  readonly print: Fingerprint;
}

/** What there is of an image on the hypervisor. */
export type Found = { readonly name: string } & (
  | { readonly state: 'absent' | 'complete' | 'foreign' | 'unseen' }
  | {
      readonly state: 'partial';
      /** Undefined where its upload ended before it had begun. */
      readonly record: UploadRecord | undefined;
      /** How much of it is there. */
      readonly fileBytes: number;
      /** Another one whenever somebody has written to it. */
      readonly mark: string | undefined;
    }
);

/** Looks for an image on the hypervisor. Nothing is changed but for pools that are lent. @throws PlowError */
export async function lookForImage(wanted: WantedImage, context: VmContext): Promise<Found> {
  const directory = imageDirectory(context.storagePath);
  const looking = chooseDirectories(context).visit(directory, (view) => lookIn(wanted, view));
  const found = await explaining(looking, 'storage', `cannot look into ${directory}`);
  if (typeof found !== 'string') return found;
  return { name: nameOf(wanted), state: found === 'unseen' ? 'unseen' : 'absent' };
}

/** @throws PlowError (storage) where something else has the name of an image */
export function assertNotForeign({ name, state }: Found, { file }: WantedImage, directory: string): void {
  if (state !== 'foreign') return;
  const path = posix.join(directory, name);
  const hint = `on the hypervisor, if no VM stands on it: rm ${shellQuote(path)}`;
  throw new PlowError('storage', `${path} is there, and is not what ${file.path} is`, { hint });
}

function nameOf({ file, format, print }: WantedImage): string {
  return uploadName(file.path, format, print);
}

/** Looks for an image in the directory of those that were brought. @throws HypervisorError */
export async function lookIn(wanted: WantedImage, view: DirectoryView): Promise<Found> {
  const { file, format, print } = wanted;
  const name = nameAmong((await view.names()) ?? [], file.path, format, print);
  const facts = name === undefined ? undefined : await view.entry(name);
  if (name === undefined || facts === undefined) return { name: nameOf(wanted), state: 'absent' };
  if (facts.type !== 'file') return { name, state: 'foreign' };
  const head = await view.head(name, HEAD_BYTES);
  const { fileBytes } = facts;
  if (head === undefined || fileBytes === undefined) return { name, state: 'unseen' };
  if (areSame(head, print.head)) return { name, state: fileBytes === print.bytes ? 'complete' : 'foreign' };
  const record = readRecord(head);
  const isOwn = record === undefined ? isEmpty(head) : isOf(record, print);
  return isOwn ? { name, state: 'partial', record, fileBytes, mark: facts.mark } : { name, state: 'foreign' };
}

function isOf({ digest, bytes }: UploadRecord, print: Fingerprint): boolean {
  return digest === print.digest && bytes === print.bytes;
}

function isEmpty(head: Uint8Array): boolean {
  return head.every((byte) => byte === 0);
}
