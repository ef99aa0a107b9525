import * as z from 'zod/mini';
import { CAUSES, VERDICTS } from '../../vm/fleet/words.ts';
import { about } from '../shape.ts';

const value = z.nullable(z.union([z.string(), z.number(), z.boolean()]));

/** Something in which a VM is not as its file says. */
export const change = {
  what: about(z.string(), 'vcpus, memory_kib, disk vdb, interface 52:54:00:11:22:33, guest users, image...'),
  file: about(
    z.optional(value),
    'as the file says it; null: there is to be none; left out: it may be a secret',
  ),
  made: about(z.optional(value), 'as plow made it; left out where it said nothing about it'),
  stored: about(z.optional(value), 'as it is from the next start on'),
  live: about(z.optional(value), 'as it runs; left out where it does not'),
  verdict: about(
    z.enum(VERDICTS),
    'what it takes: nothing that the guest notices, a stop and a start, cloud-init again, a new boot disk; refused: it is not done',
  ),
  cause: about(z.enum(CAUSES), 'what was changed since plow made the VM: the file, the VM, or both'),
  pending: about(z.boolean(), 'stored as the file says; the VM has only not been started since'),
};
