import * as z from 'zod/mini';
import { about } from './shape.ts';

/** Checks of the hypervisor that could not be made. */
export const notChecked = z.array(
  z.strictObject({
    check: z.enum([
      'memory',
      'bridges',
      'gateway',
      'own-address',
      'image',
      'link',
      'storage-path',
      'vm-directory',
      'access',
      'file-system',
    ]),
    path: z.optional(about(z.string(), 'file or directory of the hypervisor, where it is about one')),
    why: z.string(),
  }),
);
