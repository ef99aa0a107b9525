import * as z from 'zod/mini';
import { about, document, notChecked, ofSeveral } from './shape.ts';
import type { Content } from './shape.ts';

const mistake = z.strictObject({
  host: ofSeveral,
  file: about(
    z.string(),
    'as it was given, or where the value stands: a file that it extends or takes rows from, or --set',
  ),
  line: about(z.int(), 'from 1'),
  column: about(z.int(), 'from 1, in UTF-16 code units, as editors count'),
  endColumn: about(z.int(), 'behind the last character of it on this line'),
  key: about(z.string(), 'network_interfaces[0].ip; empty where the whole file is meant'),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  suggestion: z.optional(about(z.string(), 'what was likely meant instead of the key or the value')),
  origin: z.optional(
    about(z.string(), "file:line:column of a value that comes from plow's settings, and not from the file"),
  ),
});

/** What `plow validate -o json` prints. */
export const validateDocument = document({
  files: about(z.int(), 'how many were looked at'),
  vms: about(z.int(), 'how many they describe, or would'),
  omitted: about(z.int(), 'mistakes that are too many to be listed'),
  mistakes: about(z.array(mistake), 'file by file in the order given, each from top to bottom'),
  not_checked: z.optional(about(notChecked, 'only with --on-host')),
});

export type ValidateDocument = Content<typeof validateDocument>;
