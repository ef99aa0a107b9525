import * as z from 'zod/mini';
import { about, document } from '../shape.ts';

/** What `plow ip next -o json` prints. */
export const nextAddressDocument = document({
  subnet: about(z.string(), '10.20.30.0/24'),
  addresses: about(z.array(z.string()), 'free ones, each as a VM file has it: 10.20.30.5/24'),
  taken: about(
    z.array(z.strictObject({ address: z.string(), why: z.string() })),
    'those of the subnet that somebody has',
  ),
  unseen: about(z.array(z.string()), 'what could not be looked at: who is there may have an address as well'),
});
