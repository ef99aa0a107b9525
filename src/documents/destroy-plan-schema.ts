import * as z from 'zod/mini';
import { about, document } from './shape.ts';
import type { Content } from './shape.ts';

/** What `plow destroy --plan -o json` prints, a line for each VM. */
export const destroyPlanDocument = document({
  name: z.string(),
  uuid: z.string(),
  runs: z.boolean(),
  protected: about(z.boolean(), 'a destroy is refused: plow unprotect lifts it'),
  made_by_plow: z.boolean(),
  goes: about(
    z.array(
      z.strictObject({
        kind: z.enum(['domain', 'file', 'directory', 'nvram', 'saved memory', 'snapshots', 'tpm']),
        what: about(z.string(), 'a path, or what it is called'),
        why: z.string(),
      }),
    ),
    'in the order in which it goes, the domain last',
  ),
  stays: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  missing: about(z.array(z.string()), 'what should be there and is not'),
});

export type DestroyPlanDocument = Content<typeof destroyPlanDocument>;
