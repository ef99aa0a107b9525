import * as z from 'zod/mini';
import { about, document, notChecked } from './shape.ts';
import type { Content } from './shape.ts';

const volume = z.strictObject({
  path: z.string(),
  format: z.enum(['qcow2', 'raw']),
  bytes: about(z.number(), 'virtual size'),
  from: z.optional(
    z.strictObject({
      image: z.string(),
      how: about(z.enum(['overlay', 'copy']), 'overlay: it stands on the image; copy: it begins as one'),
    }),
  ),
  adopted: z.optional(
    about(z.literal(true), 'with --adopt-data: it is there already, and keeps what it holds'),
  ),
});

const upload = z.strictObject({
  file: about(z.string(), 'of the machine that plow runs on'),
  path: about(z.string(), 'on the hypervisor'),
  digest: about(z.string(), 'SHA-256'),
  bytes: z.number(),
  send_bytes: about(z.number(), 'what is sent of it: runs of zeros are not'),
  there: about(
    z.enum(['all', 'part', 'nothing', 'unknown']),
    'how much of it is there; unknown where nobody could look',
  ),
});

const planned = document({
  name: z.string(),
  upload: z.optional(about(upload, 'with --upload: the base image, which is brought first')),
  medium_upload: z.optional(about(upload, 'so too the ISO of the drive')),
  domain: about(z.string(), "libvirt's document of it"),
  volumes: z.array(volume),
  seed: about(
    z.record(z.string(), z.string()),
    'files of the cloud-init seed, or config.ign of Ignition, by name; none where nothing sets up the guest',
  ),
  not_checked: notChecked,
});

const existing = document({
  name: z.string(),
  exists: about(z.literal(true), 'with --if-not-exists: nothing would be made'),
});

/** What `plow create --dry-run -o json` prints of each VM. */
export const planDocument = z.union([planned, existing]);

export type PlanDocument = Content<typeof planDocument>;
