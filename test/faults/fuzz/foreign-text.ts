import * as fc from 'fast-check';
import { FORBIDDEN, SURPRISES } from './nasty.ts';

/** As a hypervisor may hand it back. */
export const foreignText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(...SURPRISES, ...FORBIDDEN, '\u200f', '\u061c', '\u05d0', '\ud800', '\u4e2d', '\u1100'),
    )
    .map((parts) => parts.join('')),
);
