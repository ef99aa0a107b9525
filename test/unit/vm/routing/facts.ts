import type { BgpSession, BirdFacts, BirdRoute } from '../../../../src/hypervisor/routes.ts';
import { toPrefix } from '../../../../src/config/network-file/prefix.ts';
import type { NetworkPlan } from '../../../../src/vm/routing/plan.ts';
import type { RoutingFacts } from '../../../../src/vm/routing/look.ts';
import type { RoutedAddress } from '../../../../src/vm/routing/routed.ts';

export const WEB: RoutedAddress = {
  vm: 'web',
  uuid: 'a',
  address: '10.55.22.22',
  tap: 'vm0a371616',
  state: 'running',
  active: true,
};

export const DB: RoutedAddress = { ...WEB, vm: 'db', uuid: 'b', address: '10.55.22.23', tap: 'vm0a371617' };

export function route({ address, tap }: RoutedAddress, protocol = 'plow_taps'): BirdRoute {
  return { address, device: tap, protocol };
}

export function session(number: number, exports: readonly BirdRoute[] | undefined): BgpSession {
  return {
    name: `plow_10_0_0_${number}`,
    neighbor: `10.0.0.${number}`,
    neighborAs: 65_000,
    isEstablished: true,
    state: 'Established',
    exports,
  };
}

/** BIRD as plow sets it up, with one neighbour that is told of both. */
export function bird(changes: Partial<BirdFacts> = {}): { readonly state: 'up' } & BirdFacts {
  const routes = [route(WEB), route(DB)];
  return {
    state: 'up',
    version: '2.0.12',
    protocols: [{ name: 'plow_taps', type: 'Direct', state: 'up', info: '' }],
    routes,
    sessions: [session(1, routes)],
    ...changes,
  };
}

/** Both of the file and as nft lists them, as far as it is looked at. */
export const RULES = `chain spoofed {\nchain spoofed {\nelements = { "${WEB.tap}", "${DB.tap}" }\n`;

/** A hypervisor on which both run and nothing is wrong. */
export function facts(changes: Partial<RoutingFacts> = {}): RoutingFacts {
  return {
    taps: [WEB, DB].map(({ tap, address }) => ({
      name: tap,
      carrier: true,
      addresses: [{ local: '169.254.0.1', peer: address }],
      filter: 1,
      ipv6: false,
    })),
    hostRoutes: [WEB, DB].map(({ tap, address }) => ({ address, device: tap })),
    forwards: true,
    filterOfAll: 0,
    rules: RULES,
    guards: RULES,
    bird: bird(),
    hook: { state: 'there', other: false },
    plan: planOf('10.55.0.0/16'),
    isDrained: false,
    ...changes,
  };
}

/** What a network file without mistakes says. */
export function planOf(prefix: string, isolate = false): NetworkPlan {
  const bgp = { localAs: 65_001, address: '10.0.0.9', neighbors: [] };
  return { is: 'sound', network: { prefixes: [toPrefix(prefix)], bgp, isolate, uplinks: [] } };
}
