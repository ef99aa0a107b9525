import { PlowError } from '../../errors/plow-error.ts';
import { explaining } from '../failure.ts';
import { isGoing } from '../image-store/going.ts';
import type { ImageRecord } from '../image-store/record.ts';
import type { ImageGate } from '../image-store/record-gate.ts';
import { keepRecord, recordIn } from '../image-store/store.ts';
import type { ImageStore, StoredImage } from '../image-store/store.ts';

/**
 * Writes what came of a throw-away boot into the record that an image has now.
 * @throws PlowError (storage, operation) also where another image has its place by now
 */
export async function keepGate(
  store: ImageStore,
  { file, record }: StoredImage,
  gate: ImageGate,
): Promise<ImageRecord> {
  const label = `${record.name}@${record.version}`;
  const writing = store.inside(async (pool) => {
    const there = await recordIn(pool, file);
    if (there?.status === 'removing') throw isGoing(label, there);
    if (there?.token !== record.token) return undefined;
    const now = { ...there, gate };
    await keepRecord(pool, file, now);
    return now;
  });
  const kept = await explaining(writing, 'storage', `cannot write the record of ${label}`);
  if (kept !== undefined) return kept;
  throw new PlowError('operation', `${label} was removed meanwhile: nothing is recorded`);
}
