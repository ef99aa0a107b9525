import { parseDigest } from '../../images/digest.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { NewHasher } from '../image-store/bytes.ts';
import { findImage } from '../image-store/find-image.ts';
import { ImageStore } from '../image-store/store.ts';
import type { Bringing } from './source.ts';

/**
 * An image of a hypervisor, to be brought to others as it is, under the same name: what is known of it goes
 * along, and its digest is compared with what was proven when it was pulled.
 * @param host what the hypervisor is called @throws PlowError
 */
export async function copyOf(
  word: string,
  newHasher: NewHasher,
  host: string,
  context: VmContext,
): Promise<Bringing> {
  const store = new ImageStore(context);
  const looking = explaining(store.all(), 'storage', `cannot look for the image ${word} on ${host}`);
  const { file, record } = findImage(await looking, word);
  const { name, version, url, format, insecure, signedBy } = record;
  const path = store.pathOf(file);
  const content = parseDigest(record.content ?? '');
  if (!('digest' in content))
    throw new PlowError('operation', `${path} on ${host} has no digest that a copy could be compared with`);
  return {
    wanted: {
      name,
      version,
      url,
      format,
      downloaded: undefined,
      content: content.digest,
      insecure,
      signedBy,
      fileName: file,
      original: record,
    },
    source: {
      name: `${path} on ${host}`,
      gives: `${path} on ${host}`,
      words: { verb: 'copy', doing: 'Copying', done: 'copied' },
      hint: `nothing of it is kept; somebody has written to it on ${host}, or its disk has lost something: plow image verify says so there`,
      open: async (signal) => ({
        bytes: record.bytes ?? undefined,
        chunks: readAhead(store.parts(file, `cannot read ${path} on ${host}`, signal)),
        close: () => {},
      }),
      unpacked: (chunks, _mostBytes, tell) => {
        tell(false);
        return chunks;
      },
    },
    newHasher,
  };
}

/** One is made while the one before it is used. */
async function* readAhead<T>(items: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  let next = items.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = items.next();
      // Whoever asks for it is told.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await items.return();
  }
}
