import { shownUrl } from '../../text/shown-url.ts';
import { digestText } from '../../images/digest.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { ImageRecord } from '../image-store/record.ts';
import { ImageStore } from '../image-store/store.ts';
import { isSameImage, versionOf } from './wanted.ts';
import type { PullTools, WantedImage } from './wanted.ts';

/** What a pull would do. */
export interface PlannedPull {
  readonly isThere: boolean;
  /** Of one that is there. */
  readonly path?: string;
  readonly record?: ImageRecord;
  readonly version: string;
  readonly url: string;
  readonly digest: string | undefined;
  /** `sha256:...` of what would be downloaded, and of what would come out of it, as far as it is known. */
  readonly downloaded: string | undefined;
  readonly content: string | undefined;
  /** Nothing proves it. */
  readonly insecure: boolean;
  /** That would be downloaded; undefined where the server does not tell, or it is there. */
  readonly bytes: number | undefined;
}

/**
 * Looks for an image on the hypervisor, else asks the server for its size, and downloads nothing.
 * @throws PlowError
 */
export async function planPull(
  wanted: WantedImage,
  { open }: PullTools,
  context: VmContext,
): Promise<PlannedPull> {
  const store = new ImageStore(context);
  const looking = store.all();
  const all = await explaining(looking, 'storage', `cannot look at the images in ${store.directory}`);
  const digest = wanted.content ?? wanted.downloaded;
  const version = versionOf(wanted, context.now());
  const told = {
    version,
    url: shownUrl(wanted.url),
    digest: digest && digestText(digest),
    downloaded: wanted.downloaded && digestText(wanted.downloaded),
    content: wanted.content && digestText(wanted.content),
    insecure: wanted.insecure,
  };
  const there = all.find(({ record }) => isSameImage(record, wanted, version));
  if (there !== undefined) {
    const { file, record } = there;
    return { ...told, isThere: true, path: store.pathOf(file), record, bytes: undefined };
  }
  const download = await open(wanted.url, context.signal);
  download.close();
  return { ...told, isThere: false, bytes: download.bytes };
}
