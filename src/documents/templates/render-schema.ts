import * as z from 'zod/mini';
import { about, document } from '../shape.ts';

/** A line of what `plow render -o json` prints. */
export const renderDocument = document({
  file: about(z.string(), 'as it was given'),
  vm: about(
    z.record(z.string(), z.unknown()),
    'the VM file as it is once it is finished, as plow schema says, without defaults',
  ),
});
