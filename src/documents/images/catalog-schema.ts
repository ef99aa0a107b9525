import * as z from 'zod/mini';
import { ARCHES } from '../../config/machine.ts';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

/** A line of what `plow image catalog -o json` prints. */
export const catalogDocument = document({
  name: z.string(),
  description: z.string(),
  source: about(z.enum(['plow', 'settings']), 'who says so'),
  architectures: z.array(z.enum(ARCHES)),
  format: orNull(z.enum(['qcow2', 'raw', 'iso']), 'what comes out; null where it is what it is'),
  index: about(
    z.enum(['checksum-file', 'simplestreams', 'coreos-stream']),
    'how its newest build is found and proven',
  ),
  index_url: about(z.string(), 'where; {arch} and {version} are filled in'),
  signed: about(z.boolean(), 'its publisher signs it; signed_by names the key that counts'),
  signed_by: orNull(z.string(), 'file of keys, where the settings file names one'),
  provisioning: z.enum(['cloud-init', 'ignition']),
  firmware: orNull(z.enum(['uefi', 'bios']), 'that a VM of it needs; null: either'),
  cpu: orNull(z.enum(['x86-64-v2', 'x86-64-v3']), 'the least that it runs on'),
});

export type CatalogDocument = Content<typeof catalogDocument>;
