import { readIso } from '../../iso9660/read-iso.ts';
import { writeIso } from '../../iso9660/write-iso.ts';
import { SEED_VOLUME_ID } from '../../provision/cloud-init/seed-files.ts';

/** A seed with a few large files of the user's own. */
export const MOST_SEED_BYTES = 4 * 2 ** 20;

/** ECMA-119 8.4.26: date and time of the volume, in sector 16, as sixteen digits and an offset of zero. */
const DATE_OFFSET = 16 * 2048 + 813;
const DATE =
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)(?<hundredths>\d\d)$/u;

/** How its meta-data begins. The name of the VM, and when it was made. */
const INSTANCE_ID = /^instance-id: (?<name>[a-z0-9][a-z0-9-]*)-\d{9,11}$/mu;

/**
 * The VM for which plow made a seed; undefined for an ISO of anyone else. It is plow's where plow, given the
 * same files and the same date, makes the same bytes.
 */
export function madeFor(iso: Uint8Array): string | undefined {
  try {
    const createdAt = dateOf(iso);
    if (createdAt === undefined) return undefined;
    const files = Array.from(readIso(iso), ([name, bytes]) => ({ name, bytes }));
    // Many records of a hostile one may name the same bytes.
    if (files.reduce((sum, { bytes }) => sum + bytes.length, 0) > iso.length) return undefined;
    const again = writeIso({ volumeId: SEED_VOLUME_ID, files, createdAt });
    if (!Buffer.from(again).equals(iso)) return undefined;
    const metaData = files.find(({ name }) => name === 'meta-data');
    const text = new TextDecoder().decode(metaData?.bytes);
    return INSTANCE_ID.exec(text)?.groups?.['name'];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function dateOf(iso: Uint8Array): Date | undefined {
  const digits = Buffer.from(iso.subarray(DATE_OFFSET, DATE_OFFSET + 16)).toString('latin1');
  const parts = DATE.exec(digits)?.groups;
  if (parts === undefined) return undefined;
  const number = (part: string): number => Number(parts[part]);
  return new Date(
    Date.UTC(
      number('year'),
      number('month') - 1,
      number('day'),
      number('hour'),
      number('minute'),
      number('second'),
      10 * number('hundredths'),
    ),
  );
}
