import * as z from 'zod/mini';
import { FATES } from '../../vm/fleet/words.ts';
import { failure } from '../error-schema.ts';
import { about, document, ofSeveral, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';
import { change } from './change-schema.ts';

/** What `plow apply -o json` prints, a line for each VM of the files, and for each that goes with --prune. */

export const applyDocument = document({
  host: ofSeveral,
  file: orNull(z.string(), 'that describes it; null: it has none any more, with --prune'),
  name: z.string(),
  uuid: orNull(z.string(), 'null where there is none'),
  status: about(
    z.enum(['unchanged', 'created', 'changed', 'destroyed', 'failed', 'interrupted', 'not begun']),
    'unchanged: nothing was to be done, or nothing that may be; failed: see error',
  ),
  wave: orNull(
    z.int(),
    'when its turn is: those of wave 1 come first, those of wave 2 once these are done; null: nothing is done with it, or it goes after all others',
  ),
  changes: z.array(
    z.strictObject({
      ...change,
      fate: about(
        z.enum(FATES),
        'what becomes of it: now; stored for the next start; waits for it already; restart, reseed, rebuild: with that, as it was allowed; left, as that is not allowed; left, as the VM was changed by hand; refused: it is not done',
      ),
    }),
  ),
  unread: orNull(
    z.string(),
    'why what sets up the guest could not be compared; null: it was, or there is nothing',
  ),
  notes: about(z.array(z.string()), 'what else is to know, for people'),
  error: failure,
});

export type ApplyDocument = Content<typeof applyDocument>;
