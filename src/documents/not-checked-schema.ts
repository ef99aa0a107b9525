import * as z from 'zod/mini';
import { NOT_CHECKED_NAMES } from '../vm/host/not-checked.ts';
import { about } from './shape.ts';

/** Checks of the hypervisor that could not be made. */
export const notChecked = z.array(
  z.strictObject({
    check: z.enum(NOT_CHECKED_NAMES),
    path: z.optional(about(z.string(), 'file or directory of the hypervisor, where it is about one')),
    why: z.string(),
  }),
);
