import * as z from 'zod/mini';
import { about, document, orNull } from './shape.ts';
import type { Content } from './shape.ts';

const setting = z.strictObject({
  name: about(z.string(), 'connect, image_dirs[0], defaults.bridge...'),
  value: orNull(z.string(), 'null: it is not set'),
  from: about(z.string(), 'default, the flag, the variable, or file:line:column'),
});

/** What `plow config -o json` prints. */
export const configDocument = document({ settings: z.array(setting) });

export type ConfigDocument = Content<typeof configDocument>;
