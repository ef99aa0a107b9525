import { explaining } from '../failure.ts';
import { bgpFindings, isDrained } from './bgp-findings.ts';
import type { RoutingFinding } from './finding.ts';
import { lookAtRouting } from './look.ts';
import type { RoutingLook } from './look.ts';
import { placed, sessionsForVms } from './places.ts';
import type { PlacedAddress } from './places.ts';
import type { BgpSession } from '../../hypervisor/routes.ts';
import { routingFindings } from './routing-findings.ts';

/** What is so about routes, and what is wrong with it. */
export interface RoutingState {
  /** False: the hypervisor is another machine, and nothing but documents of VMs could be looked at. */
  readonly isChecked: boolean;
  readonly addresses: readonly PlacedAddress[];
  /** Those that are to tell of VMs. */
  readonly sessions: readonly BgpSession[];
  readonly isDrained: boolean;
  readonly findings: readonly RoutingFinding[];
}

const NOT_HERE = 'not checked on another host: run plow network status on the hypervisor itself';

/** What is so now. @throws PlowError */
export function routingState(hypervisor: Parameters<typeof lookAtRouting>[0]): Promise<RoutingState> {
  return explaining(lookAtRouting(hypervisor).then(judge), 'operation', 'cannot list the VMs');
}

/** Judges a look. Knows no clock, asks nobody. */
export function judge({ declared, facts }: RoutingLook): RoutingState {
  if (facts === undefined) {
    const unseen = declared.map((one): PlacedAddress => {
      const place = one.active ? 'unknown' : 'off';
      const nowhere = { announcedTo: [], silent: [], hasTap: undefined };
      return { ...one, ...nowhere, onTap: place, inKernel: place, inBird: place };
    });
    const finding: RoutingFinding = { check: 'routing', status: 'unknown', text: NOT_HERE };
    return { isChecked: false, addresses: unseen, sessions: [], isDrained: false, findings: [finding] };
  }
  const addresses = declared.map((one) => placed(one, facts));
  const { bird } = facts;
  return {
    isChecked: true,
    addresses,
    sessions: bird.state === 'up' ? sessionsForVms(bird) : [],
    isDrained: bird.state === 'up' ? isDrained(facts, bird) : facts.isDrained,
    findings: [...routingFindings(addresses, facts), ...bgpFindings(addresses, facts)],
  };
}
