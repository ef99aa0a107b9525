import * as z from 'zod/mini';
import { STANDINGS } from '../../vm/fleet/words.ts';
import { failure } from '../error-schema.ts';
import { change } from './change-schema.ts';
import { about, document, ofSeveral, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

/** What `plow diff -o json` prints, a line for each VM of the files. */

export const diffDocument = document({
  host: ofSeveral,
  file: about(z.string(), 'that describes it'),
  name: z.string(),
  uuid: orNull(z.string(), 'null where there is none'),
  status: about(
    z.enum([...STANDINGS, 'failed']),
    'foreign: plow has not made it; destroyed: plow undelete can bring it back; failed: it could not be compared',
  ),
  changes: z.array(z.strictObject(change)),
  unread: orNull(
    z.string(),
    'why what sets up the guest could not be compared; null: it was, or there is nothing',
  ),
  error: failure,
});

export type DiffDocument = Content<typeof diffDocument>;
