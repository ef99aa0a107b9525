import * as z from 'zod/mini';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

/** A line of what `plow image outdated -o json` prints: a VM whose base image is not the newest. */
export const outdatedDocument = document({
  vm: z.string(),
  uuid: z.string(),
  image: about(z.string(), 'name of the image'),
  image_version: about(z.string(), 'of what the VM was made of, or stands on'),
  path: about(z.string(), 'of that, on the hypervisor'),
  newest_version: about(z.string(), 'the newest that is on the hypervisor'),
  newest_path: z.string(),
  newest_digest: orNull(z.string(), 'of the newest, sha256:...'),
});

export type OutdatedDocument = Content<typeof outdatedDocument>;
