import * as z from 'zod/mini';
import { DOCTOR_CODE_NAMES } from '../../config/values/doctor-codes.ts';
import { about, document, orNull } from '../shape.ts';
import type { Content } from '../shape.ts';

const presence = z.enum(['there', 'missing', 'off', 'unknown']);

const address = z.strictObject({
  vm: z.string(),
  uuid: z.string(),
  address: about(z.string(), 'a /32'),
  tap: about(z.string(), 'vm and the address in hexadecimal'),
  running: z.boolean(),
  on_tap: about(presence, 'off: the VM does not run; unknown: it could not be looked at'),
  in_kernel: about(presence, 'a route to the tap'),
  in_bird: presence,
  announced_to: about(z.array(z.string()), 'names of BGP sessions'),
});

const session = z.strictObject({
  name: about(z.string(), "of BIRD's protocol"),
  neighbor: z.nullable(z.string()),
  neighbor_as: z.nullable(z.int()),
  established: z.boolean(),
  state: about(z.string(), 'with the last error, where it is not established'),
  announced: orNull(z.array(z.string()), 'addresses; null where BIRD does not tell'),
});

const finding = z.strictObject({
  check: z.enum(['routing', 'bgp']),
  status: z.enum(['ok', 'warning', 'failure', 'unknown']),
  code: orNull(z.enum(DOCTOR_CODE_NAMES), 'of a warning or a failure'),
  text: about(z.string(), 'for people'),
  repair: orNull(z.string(), 'a command for the hypervisor, or what else to do'),
});

/** What `plow network status -o json` prints. */
export const networkStatusDocument = document({
  uri: about(z.string(), 'of the hypervisor, without its password'),
  checked: about(z.boolean(), 'false: it is another machine, of which only documents of VMs are known'),
  drained: about(z.boolean(), 'plow network drain has withdrawn all addresses'),
  addresses: z.array(address),
  sessions: about(z.array(session), 'those that are to tell of VMs'),
  findings: z.array(finding),
});

export type NetworkStatusDocument = Content<typeof networkStatusDocument>;
