import { shownUrl } from '../../text/shown-url.ts';
import type { ImageRecord } from '../image-store/record.ts';
import type { Bringing } from './source.ts';
import { isSameImage } from './wanted.ts';
import type { WantedImage } from './wanted.ts';

/** Whether an image that is there is the one that is wanted. @param version as `versionOf` tells it */
export function isWanted(record: ImageRecord, wanted: WantedImage, version: string): boolean {
  const { original } = wanted;
  if (original === undefined) return isSameImage(record, wanted, version);
  if (record.status !== 'ready' || record.name !== wanted.name || record.version !== version) return false;
  const isEqual = (digest: 'content' | 'downloaded'): boolean =>
    record[digest] !== null && record[digest] === original[digest];
  return isEqual('content') || isEqual('downloaded');
}

/** What is known of an image before all of it has come. */
export function firstRecord(
  { wanted }: Bringing,
  begun: Pick<ImageRecord, 'version' | 'token' | 'format' | 'plow' | 'at'>,
): ImageRecord {
  const { name, url, insecure, signedBy, original, needs } = wanted;
  const unproven = { downloaded: null, content: null, bytes: null, capacityBytes: null };
  const own = { ...begun, status: 'pulling', isMade: true, ...unproven } as const;
  // Of a copy all else goes along, the time too, which says which of two builds is newer; but it was not
  // booted here.
  if (original !== undefined) {
    const { gate: _, ...known } = original;
    return { ...known, ...own, at: original.at };
  }
  return { ...own, name, url: shownUrl(url), insecure, signedBy, ...(needs === undefined ? {} : { needs }) };
}
