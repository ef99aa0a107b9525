import * as z from 'zod/mini';
import { failure } from '../error-schema.ts';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

const room = z.strictObject({ total_bytes: z.number(), available_bytes: z.number() });

export const factsOfHost = z.strictObject({
  libvirt: about(z.string(), '9.0.0'),
  qemu: orNull(z.string(), '7.2.0'),
  cpus: z.nullable(z.int()),
  memory: orNull(room, 'what caches give back counts as available'),
  storage: orNull(room, 'of the file system of the storage path'),
  running_vms: z.int(),
  all_vms: z.int(),
  health: about(z.enum(['ok', 'warning', 'failure']), 'the worst that plow doctor has to say'),
});

const host = z.strictObject({
  name: orNull(z.string(), 'as the settings call it; null for one that was given by its URI'),
  uri: about(z.string(), 'without its password'),
  labels: z.array(z.string()),
  facts: orNull(factsOfHost, 'null for one that could not be asked'),
  error: failure,
});

/** What `plow hosts -o json` prints. */
export const hostsDocument = document({ hosts: z.array(host) });

export type HostsDocument = Content<typeof hostsDocument>;
