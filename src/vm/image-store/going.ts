import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { isInImageDirectory } from './directory.ts';
import { readRecord, recordName } from './record.ts';
import type { ImageRecord } from './record.ts';
import { recordIn } from './store.ts';

/** Of an image that is being removed. @param what its path, or the word that names it */
export function isGoing(what: string, { name, version }: ImageRecord): PlowError {
  const remove = `plow image remove ${shellArgument(`${name}@${version}`)}`;
  return new PlowError('storage', `${what} is being removed, or a plow was killed as it removed it`, {
    hint: `${remove} brings that to its end; then it can be pulled again`,
  });
}

/**
 * For a VM that names an image in its document by now: whoever removes one says so in its record, and only
 * then looks for VMs the last time. So one of the two sees the other.
 * @param look where its record is read
 * @throws PlowError (storage) for one that is being removed; HypervisorError
 */
export async function refuseGoing(image: string, look: LocalFacts | Pool): Promise<void> {
  const { dir, base } = posix.parse(image);
  // Nobody else's directory has records of plow's.
  if (!isInImageDirectory(dir)) return;
  const record = 'findVolume' in look ? await recordIn(look, base) : read(await look.read(recordName(image)));
  if (record?.status === 'removing') throw isGoing(image, record);
}

function read(text: string | undefined): ImageRecord | undefined {
  return text === undefined ? undefined : readRecord(new TextEncoder().encode(text));
}
