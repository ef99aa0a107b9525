import * as z from 'zod/mini';
import { failure } from '../error-schema.ts';
import { about, document, ofSeveral, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';
import { VM_STATES } from '../states.ts';

const vm = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  host: ofSeveral,
  state: z.enum(VM_STATES),
  vcpus: z.nullable(z.int()),
  cpu_percent: orNull(z.number(), 'of one CPU of the host: 200 are two that did nothing else'),
  memory_bytes: orNull(z.number(), 'what the guest has'),
  memory_used_bytes: orNull(z.number(), 'of that: what the guest says, else what QEMU has of the host'),
  disk_read_bytes_per_second: z.nullable(z.number()),
  disk_written_bytes_per_second: z.nullable(z.number()),
  network_received_bytes_per_second: z.nullable(z.number()),
  network_sent_bytes_per_second: z.nullable(z.number()),
});

/** What `plow top -o json` prints: what VMs did between two looks; null: not told. */
export const topDocument = document({
  hosts: z.array(
    z.strictObject({
      name: about(z.string(), 'as the settings call it, else its URI without a password'),
      is_whole: orNull(z.boolean(), 'false where a QEMU that hangs kept memory and disks from being told'),
      error: failure,
    }),
  ),
  vms: z.array(vm),
});

export type TopDocument = Content<typeof topDocument>;
