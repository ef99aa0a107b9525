import type { DoctorCode } from '../../config/values/doctor-codes.ts';
import type { HostProblem } from '../host-problem.ts';

/** Something that a look at routes has found. */
export interface RoutingFinding {
  readonly check: 'routing' | 'bgp';
  /** `unknown`: it cannot be told from here. */
  readonly status: 'ok' | 'warning' | 'failure' | 'unknown';
  readonly text: string;
  /** Of a warning or a failure. */
  readonly code?: DoctorCode;
  readonly repair?: string;
}

/** What repairs most of it. */
export const SETUP = 'plow network setup';

export function wrong(
  check: RoutingFinding['check'],
  status: 'warning' | 'failure',
  code: DoctorCode,
  { text, repair }: HostProblem,
): RoutingFinding {
  return { check, status, code, text, repair };
}

const MOST_NAMES = 5;

/** `web (10.55.22.22), db (10.55.22.23) and 3 more` */
export function namesOf(all: readonly { readonly vm: string; readonly address: string }[]): string {
  const named = all.slice(0, MOST_NAMES).map(({ vm, address }) => `${vm} (${address})`);
  const more = all.length > MOST_NAMES ? ` and ${all.length - MOST_NAMES} more` : '';
  return `${named.join(', ')}${more}`;
}

/** `1 address`, `2 addresses` */
export function addressesText(count: number): string {
  return `${count} ${count === 1 ? 'address' : 'addresses'}`;
}
