import * as z from 'zod/mini';
import { about, document, orNull } from './shape.ts';
import type { Content } from './shape.ts';

const check = z.strictObject({
  check: z.enum([
    'libvirt',
    'qemu',
    'kvm',
    'uefi',
    'storage-path',
    'direct-io',
    'space',
    'security',
    'bridges',
    'addresses',
    'shutdown',
    'clock',
  ]),
  status: about(z.enum(['ok', 'warning', 'failure', 'unknown']), 'unknown: it cannot be told from here'),
  text: about(z.string(), 'for people'),
  repair: orNull(z.string(), 'a command for the hypervisor, or what else to do'),
});

/** What `plow doctor -o json` prints. */
export const doctorDocument = document({
  uri: about(z.string(), 'of the hypervisor, without its password'),
  checks: about(z.array(check), 'one may be there several times'),
});

export type DoctorDocument = Content<typeof doctorDocument>;
