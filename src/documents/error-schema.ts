import * as z from 'zod/mini';
import { about, document, ofSeveral, orNull } from './shape.ts';
import type { Content } from './shape.ts';

/** What a command that was asked for a document prints on stderr when it fails. */

/** Something wrong with a file. */
const mistake = z.strictObject({
  file: orNull(z.string(), 'as it was given; null where no file says it: the storage path'),
  line: orNull(z.int(), 'from 1; null where the whole file is meant, or none'),
  column: orNull(z.int(), 'from 1, in UTF-16 code units'),
  key: orNull(z.string(), 'network_interfaces[0].ip; null where no key is meant'),
  message: z.string(),
});

/** Why something that was to be done to a VM, or asked of it, failed. */
export const failure = orNull(
  z.strictObject({
    kind: z.enum(['config', 'validation', 'connection', 'operation', 'storage']),
    message: z.string(),
    hint: orNull(z.string(), 'what to do next'),
    detail: orNull(z.string(), "somebody else's own words, libvirt's above all, without passwords"),
    exit_code: z.int(),
    mistakes: about(z.array(mistake), 'of the file, and what the hypervisor has against it; else empty'),
  }),
  'why it failed, as in the document of a failure',
);

export const errorDocument = document({
  host: ofSeveral,
  error: z.strictObject({
    kind: about(
      z.enum(['config', 'validation', 'connection', 'operation', 'storage', 'interrupted', 'bug']),
      'as the exit code: config 1, validation 2, connection 3, operation 4, storage 5, bug 70; interrupted 129, 130 or 143',
    ),
    message: about(z.string(), 'a line for each mistake'),
    hint: orNull(z.string(), 'what to do next'),
    detail: orNull(z.string(), "somebody else's own words, libvirt's above all, without passwords"),
    exit_code: z.int(),
    mistakes: about(z.array(mistake), 'of files, and what the hypervisor has against them; else empty'),
  }),
});

export type ErrorDocument = Content<typeof errorDocument>;
