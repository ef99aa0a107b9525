import * as z from 'zod/mini';
import { failure } from '../error-schema.ts';
import { about, document, ofSeveral, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

const gate = z.strictObject({
  result: z.enum(['passed', 'failed']),
  proof: orNull(z.enum(['seed', 'address', 'ssh', 'shutdown']), 'the one that failed'),
  boot_seconds: orNull(z.number(), 'from its start until ssh let the key in'),
  at: about(z.string(), 'ISO 8601, in UTC'),
  plow_version: about(z.string(), 'of the plow that booted it'),
});

/** A line of what `plow image` prints with `-o json`, but for `catalog` and `outdated`. */
export const imageDocument = document({
  action: z.enum(['pull', 'import', 'copy', 'list', 'verify', 'gate', 'export', 'remove', 'prune']),
  host: ofSeveral,
  name: orNull(z.string(), 'null for a file without a record'),
  image_version: orNull(z.string(), "the publisher's build; null where nothing came of it"),
  status: z.enum([
    'pulled',
    'imported',
    'exported',
    'copied',
    'exists',
    'planned',
    'ready',
    'pulling',
    'passed',
    'removing',
    'removed',
    'no record',
    'failed',
    'unreachable',
  ]),
  path: orNull(z.string(), 'on the hypervisor'),
  file: orNull(z.string(), 'of export: the file of this machine'),
  url: orNull(
    z.string(),
    'where it came from, without a password; imported://NAME: from a file of that name',
  ),
  format: orNull(z.enum(['qcow2', 'raw', 'iso']), 'null where nobody knows yet'),
  downloaded: orNull(z.string(), 'digest of what was downloaded, sha256:...'),
  content: orNull(z.string(), 'digest of the image itself'),
  bytes: orNull(z.number(), 'how long the file is'),
  capacity_bytes: orNull(z.number(), 'its virtual size'),
  insecure: about(z.boolean(), 'nothing but the web server said that it is the right one'),
  signed_by: orNull(z.string(), 'who has signed for it'),
  pulled_at: orNull(z.string(), 'ISO 8601, in UTC'),
  gate: orNull(gate, 'what came of its throw-away boot; null: there was none'),
  used_by: about(z.array(z.string()), 'of list: VMs that stand on it'),
  error: failure,
});

export type ImageDocument = Content<typeof imageDocument>;
