import * as z from 'zod/mini';
import { ARCHES } from '../../config/machine.ts';
import { failure } from '../error-schema.ts';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

/** A line of what `plow image update -o json` prints. */
export const updateDocument = document({
  lock: about(z.string(), 'file of the lock'),
  name: z.string(),
  architecture: orNull(z.enum(ARCHES), 'null where that is not known'),
  status: about(
    z.enum(['updated', 'added', 'current', 'planned', 'behind', 'not-locked', 'failed']),
    'planned: --dry-run; behind, not-locked: --check',
  ),
  from: orNull(z.string(), 'version that the lock had; null: none'),
  to: orNull(z.string(), "the publisher's newest; null where that is not known"),
  url: orNull(z.string(), 'where it comes from, without a password'),
  content: orNull(z.string(), 'digest of the image itself, where it is known'),
  downloaded: orNull(z.string(), 'digest of what is downloaded, where it is known'),
  path: orNull(z.string(), 'on the hypervisor'),
  vm_file: orNull(z.string(), 'of not-locked: the VM file that names it'),
  error: failure,
});

export type UpdateDocument = Content<typeof updateDocument>;
