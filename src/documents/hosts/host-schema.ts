import * as z from 'zod/mini';
import { FEATURE_NAMES } from '../../vm/features/table.ts';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';
import { factsOfHost } from './hosts-schema.ts';

const guest = z.strictObject({
  arch: about(z.string(), 'x86_64'),
  virt_types: z.array(z.enum(['kvm', 'qemu'])),
  machine_types: about(z.int(), 'how many'),
});

const feature = z.strictObject({
  name: z.enum(FEATURE_NAMES),
  what: about(z.string(), 'for people'),
  has: orNull(z.boolean(), 'null: it cannot be told'),
  why: about(z.string(), 'for people'),
  otherwise: about(z.string(), 'what plow does, or a person can do, without it'),
});

/** What `plow hosts show -o json` prints. */
export const hostDocument = document({
  name: orNull(z.string(), 'as the settings call it; null for one that was given by its URI'),
  uri: about(z.string(), 'without its password'),
  labels: z.array(z.string()),
  facts: factsOfHost,
  arch: orNull(z.string(), 'of its processor'),
  guests: about(z.array(guest), 'by the processor that they have'),
  features: z.array(feature),
});

export type HostDocument = Content<typeof hostDocument>;
