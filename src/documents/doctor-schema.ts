import * as z from 'zod/mini';
import { CHECK_NAMES, STATUSES } from '../vm/doctor/check-names.ts';
import { about, document, ofSeveral, orNull } from './shape.ts';
import type { Content } from './shape.ts';

const check = z.strictObject({
  check: z.enum(CHECK_NAMES),
  status: about(z.enum(STATUSES), 'unknown: it cannot be told from here'),
  text: about(z.string(), 'for people'),
  repair: orNull(z.string(), 'a command for the hypervisor, or what else to do'),
});

/** What `plow doctor -o json` prints. */
export const doctorDocument = document({
  host: ofSeveral,
  uri: about(z.string(), 'of the hypervisor, without its password'),
  checks: about(z.array(check), 'one may be there several times'),
});

export type DoctorDocument = Content<typeof doctorDocument>;
