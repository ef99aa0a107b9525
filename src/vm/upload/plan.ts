import { posix } from 'node:path';
import type { VmContext } from '../context.ts';
import type { ComingImage } from '../host/inspection.ts';
import { assertNotForeign, lookForImage } from './look.ts';
import type { Found, WantedImage } from './look.ts';
import { imageDirectory } from '../image-store/directory.ts';
import { bytesToSend, WINDOW_BYTES } from './send.ts';

/** What is done with an image of this machine. */
export interface PlannedUpload {
  /** As the VM file names it. */
  readonly file: string;
  /** On the hypervisor. */
  readonly path: string;
  /** SHA-256. */
  readonly digest: string;
  readonly bytes: number;
  /** What of it is sent; runs of zeros are not. */
  readonly sendBytes: number;
  /** Whether it is there: all of it, a part that is gone on with, nothing; or nobody could look. */
  readonly there: 'all' | 'part' | 'nothing' | 'unknown';
}

/** Looks whether an image of this machine is on the hypervisor. Nothing is sent. @throws PlowError */
export async function planUpload(wanted: WantedImage, context: VmContext): Promise<PlannedUpload> {
  const { file, print } = wanted;
  const found = await lookForImage(wanted, context);
  const directory = imageDirectory(context.storagePath);
  assertNotForeign(found, wanted, directory);
  const path = posix.join(directory, found.name);
  const known = { file: file.path, path, digest: print.digest, bytes: print.bytes };
  if (found.state === 'complete') return { ...known, sendBytes: 0, there: 'all' };
  if (found.state === 'unseen') return { ...known, sendBytes: bytesToSend(print, 0), there: 'unknown' };
  const from = resumesAt(found);
  return { ...known, sendBytes: bytesToSend(print, from), there: from > 0 ? 'part' : 'nothing' };
}

/** Where an upload goes on: what is there before it is surely right. */
export function resumesAt(found: Found): number {
  if (found.state !== 'partial' || found.record === undefined) return 0;
  return found.fileBytes - (found.fileBytes % WINDOW_BYTES);
}

/** What the checks before a create know of an image that is not there yet; undefined for one that is. */
export function comingOf({ format, print }: WantedImage, { there }: PlannedUpload): ComingImage | undefined {
  return there === 'all' || format === 'iso' ? undefined : { format, allocationBytes: bytesToSend(print, 0) };
}
