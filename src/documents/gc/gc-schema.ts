import * as z from 'zod/mini';
import { about, document } from '../shape.ts';
import type { Content } from '../shape.ts';

/** What `plow gc -o json` prints, a line for each thing. */
export const gcDocument = document({
  kind: z.enum([
    'directory',
    'snapshot file',
    'disk',
    'pool',
    'nvram',
    'upload',
    'image',
    'incomplete VM',
    'expired VM',
    'destroyed VM',
    'broken chain',
  ]),
  what: about(z.string(), 'a path, or what it is called'),
  bytes: about(z.nullable(z.number()), 'what it takes up; null where that is not known'),
  why: about(z.string(), 'why no VM needs it, or what is broken'),
  status: about(
    z.enum(['found', 'stays', 'removed', 'destroyed', 'failed']),
    'found: --delete would remove it; stays: gc leaves it alone; destroyed: a VM that can be brought back',
  ),
  stays: about(z.nullable(z.string()), 'why it was not removed'),
  undo_until: about(
    z.nullable(z.string()),
    'of one that gc has destroyed: when it may end it for good, ISO 8601',
  ),
  left: about(z.array(z.strictObject({ what: z.string(), why: z.string() })), 'what of it is still there'),
});

export type GcDocument = Content<typeof gcDocument>;
