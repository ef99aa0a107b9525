import * as z from 'zod/mini';
import { failure } from '../error-schema.ts';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

const snapshot = z.strictObject({
  name: z.string(),
  description: orNull(z.string(), 'null where nobody gave one'),
  created: about(z.string(), 'ISO 8601, in UTC'),
  parent: orNull(z.string(), 'the snapshot before it; null for the first'),
  current: about(z.boolean(), 'whether the VM came from it last'),
  revertible: z.boolean(),
  obstacle: orNull(z.string(), 'why the VM cannot go back to it; null where it can'),
  disks: about(
    z.array(z.strictObject({ target: z.string(), files: z.array(z.string()) })),
    'its files, from the one that was written to until then down to the base image',
  ),
});

/** What `plow snapshot list` and `show` print with `-o json`, a line for each VM. */
export const snapshotDocument = document({
  action: z.enum(['list', 'show']),
  vm: z.string(),
  uuid: orNull(z.string(), 'null where there is no such VM'),
  snapshots: about(z.array(snapshot), 'the oldest first; of show the one alone'),
  error: failure,
});

export type SnapshotDocument = Content<typeof snapshotDocument>;
