import * as z from 'zod/mini';
import { DOCTOR_CODE_NAMES } from '../config/values/doctor-codes.ts';
import { CHECK_NAMES, STATUSES } from '../vm/doctor/check-names.ts';
import { about, document, ofSeveral, orNull } from './shape.ts';
import type { Content } from './shape.ts';

const ignored = z.strictObject({
  status: about(z.enum(['warning', 'failure']), 'what it would be'),
  until: orNull(z.string(), 'the last day, in UTC; null: of this command alone'),
  reason: z.nullable(z.string()),
});

const check = z.strictObject({
  check: z.enum(CHECK_NAMES),
  status: about(
    z.enum(STATUSES),
    'unknown: it cannot be told from here; ignored: the settings or --ignore say so',
  ),
  code: orNull(z.enum(DOCTOR_CODE_NAMES), 'of a warning or a failure, ignored or not'),
  text: about(z.string(), 'for people'),
  repair: orNull(z.string(), 'a command for the hypervisor, or what else to do'),
  ignored: orNull(ignored, 'of a status that is ignored'),
  ignore_ended: orNull(z.string(), 'the last day of an ignore that has passed'),
});

/** What `plow doctor -o json` prints. */
export const doctorDocument = document({
  host: ofSeveral,
  uri: about(z.string(), 'of the hypervisor, without its password'),
  checks: about(z.array(check), 'one may be there several times'),
});

export type DoctorDocument = Content<typeof doctorDocument>;
