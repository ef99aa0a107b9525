import * as z from 'zod/mini';
import { about, document, ofSeveral, orNull } from './shape.ts';
import type { Content } from './shape.ts';

/** What `plow log -o json` prints of each line. */
export const logDocument = document({
  host: ofSeveral,
  name: about(z.string(), 'of the VM'),
  boot: about(z.int(), 'which boot wrote it, counted from 1, the first that is kept'),
  time: orNull(z.string(), 'ISO 8601, by the clock of the guest; null in a boot that never told it'),
  line: about(z.string(), 'without colours and line end; what a terminal would act on is replaced'),
});

export type LogDocument = Content<typeof logDocument>;
