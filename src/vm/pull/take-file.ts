import { PlowError } from '../../errors/plow-error.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { areSame } from '../image-store/bytes.ts';
import { recordName } from '../image-store/record.ts';
import type { ImageRecord } from '../image-store/record.ts';
import { isGoing } from '../image-store/going.ts';
import { headOfFile, keepRecord, lookAtFile, recordIn, removeFile, takeName } from '../image-store/store.ts';
import type { ImageStore } from '../image-store/store.ts';

/**
 * Longer than a pull that lives writes nothing: a line that is silent is given up sooner, and the slowest one
 * fills a packet.
 */
const QUIET_MS = 10 * 60_000;

/** A file that is to be this plow's. */
export interface Taking {
  readonly file: string;
  /** As it begins. */
  readonly record: ImageRecord;
  /** What the image begins with. */
  readonly head: Uint8Array;
  /** Whether another record, once it is ready, is of the same image. */
  readonly isSame: (record: ImageRecord) => boolean;
  /** It must be signed. */
  readonly isSigned: boolean;
}

/**
 * Takes the name of an image for this plow. What a plow that was killed has left of it goes; an image never
 * does, and no file that was there before.
 * @returns undefined where it is this plow's now, else the record of the same image, which is there
 * @throws PlowError, HypervisorError, Interrupted
 */
export function takeFile(
  store: ImageStore,
  { file, record, head, isSame, isSigned }: Taking,
  { signal, now }: Pick<VmContext, 'signal' | 'now'>,
): Promise<ImageRecord | undefined> {
  const path = store.pathOf(file);
  return store.inside(async (pool) => {
    for (;;) {
      signal.throwIfAborted();
      if (await takeName(pool, file, record)) return undefined;
      const other = await recordIn(pool, file);
      const seen = { image: await lookAtFile(pool, file), record: await lookAtFile(pool, recordName(file)) };
      // Its image has gone: nothing is left that it is about.
      const isSettled = other !== undefined && other.status !== 'pulling';
      if (seen.image === undefined && seen.record !== undefined && isSettled) {
        await removeFile(pool, recordName(file));
        continue;
      }
      if (other?.status === 'ready' && isSame(other)) return other;
      if (other?.status === 'removing') throw isGoing(path, other);
      if (seen.record === undefined || other?.status === 'ready') throw isOther(path, isSigned, other);
      if (other === undefined && seen.image !== undefined) throw isOther(path, isSigned);
      const quietMs = now().getTime() - Math.max(seen.record.writtenMs, seen.image?.writtenMs ?? 0);
      if (quietMs < QUIET_MS) throw isPulled(path, record);
      if ((await recordIn(pool, file))?.token !== other?.token) continue;
      // One that was killed as it made it has left it empty.
      if (other?.isMade === true || seen.image?.isEmpty === true) {
        if (other !== undefined && areSame(await headOfFile(pool, file, head.length), head)) {
          // Its plow was killed after the proof, and before it could say so: VMs may stand on it.
          const ready = { ...other, status: 'ready' } as const;
          if (!isSame(ready)) throw isOther(path, isSigned, ready);
          await keepRecord(pool, file, ready);
          return ready;
        }
        await removeFile(pool, file);
      }
      await removeFile(pool, recordName(file));
    }
  });
}

/** @param other what its record says, where it has one */
function isOther(path: string, isSigned: boolean, other?: ImageRecord): PlowError {
  if (isSigned && other?.signedBy === null) {
    const remove = `plow image remove ${shellArgument(`${other.name}@${other.version}`)}`;
    return new PlowError('validation', `${path} is there, and nobody has verified its signature`, {
      hint: `${remove} takes it away; then it can be pulled with its proof`,
    });
  }
  return new PlowError('validation', `${path} is there, and is another image`, {
    hint: 'a published image is never overwritten: give another name or version, or remove that one',
  });
}

function isPulled(path: string, { name, version }: ImageRecord): PlowError {
  const remove = `plow image remove ${shellArgument(`${name}@${version}`)}`;
  return new PlowError('operation', `another plow pulls ${path} just now, or was killed a moment ago`, {
    hint: `wait until it has come to its end, or ${remove} takes away what is there of it`,
  });
}
