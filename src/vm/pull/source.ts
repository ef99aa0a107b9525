import { shownUrl } from '../../text/shown-url.ts';
import type { NewHasher } from '../image-store/bytes.ts';
import type { Download, PullTools, WantedImage } from './wanted.ts';

/** Where the bytes of an image come from: the web, another hypervisor, a file of this machine. */
export interface ImageSource {
  /** In messages: `what comes out of NAME`. */
  readonly name: string;
  /** In messages: `what NAME gives`, before `is another file`. */
  readonly gives: string;
  /** What is done with it, in words. */
  readonly words: { readonly verb: string; readonly doing: string; readonly done: string };
  /** What to do where its bytes are not those that were wanted. */
  readonly hint: string;
  /** Begins. @param signal aborted when nothing is to come any more @throws PlowError */
  readonly open: (signal: AbortSignal) => Promise<Download>;
  /** What comes out of its chunks, as PullTools has it. */
  readonly unpacked: (
    chunks: AsyncIterable<Uint8Array>,
    mostBytes: number,
    tell: (isPacked: boolean) => void,
  ) => AsyncIterable<Uint8Array>;
}

/** An image that is brought to hypervisors, and where it comes from. */
export interface Bringing {
  readonly wanted: WantedImage;
  readonly source: ImageSource;
  readonly newHasher: NewHasher;
}

/** What is pulled: it comes from the web, perhaps compressed. */
export function fromWeb(wanted: WantedImage, { open, unpacked, newHasher }: PullTools): Bringing {
  const { url } = wanted;
  const name = shownUrl(url);
  return {
    wanted,
    source: {
      name,
      gives: `what ${name} gives`,
      words: { verb: 'pull', doing: 'Pulling', done: 'pulled' },
      hint: 'nothing of it is kept; the publisher may have a newer build, or somebody has changed it on its way',
      open: (signal) => open(url, signal),
      unpacked: (chunks, mostBytes, tell) => unpacked(chunks, name, mostBytes, tell),
    },
    newHasher,
  };
}
