import * as z from 'zod/mini';
import { CAUSES, STANDINGS, VERDICTS } from '../../vm/fleet/words.ts';
import { failure } from '../error-schema.ts';
import { about, document, ofSeveral, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

/** What `plow diff -o json` prints, a line for each VM of the files. */

const value = z.nullable(z.union([z.string(), z.number(), z.boolean()]));

export const diffDocument = document({
  host: ofSeveral,
  file: about(z.string(), 'that describes it'),
  name: z.string(),
  uuid: orNull(z.string(), 'null where there is none'),
  status: about(
    z.enum([...STANDINGS, 'failed']),
    'foreign: plow has not made it; destroyed: plow undelete can bring it back; failed: it could not be compared',
  ),
  changes: z.array(
    z.strictObject({
      what: about(
        z.string(),
        'vcpus, memory_kib, disk vdb, interface 52:54:00:11:22:33, guest users, image...',
      ),
      file: about(
        z.optional(value),
        'as the file says it; null: there is to be none; left out: it may be a secret',
      ),
      made: about(z.optional(value), 'as plow made it; left out where it said nothing about it'),
      stored: about(z.optional(value), 'as it is from the next start on'),
      live: about(z.optional(value), 'as it runs; left out where it does not'),
      verdict: about(
        z.enum(VERDICTS),
        'what it takes: nothing that the guest notices, a stop and a start, cloud-init again, a new boot disk; refused: it is not done',
      ),
      cause: about(z.enum(CAUSES), 'what was changed since plow made the VM: the file, the VM, or both'),
      pending: about(z.boolean(), 'stored as the file says; the VM has only not been started since'),
    }),
  ),
  unread: orNull(
    z.string(),
    'why what sets up the guest could not be compared; null: it was, or there is nothing',
  ),
  error: failure,
});

export type DiffDocument = Content<typeof diffDocument>;
