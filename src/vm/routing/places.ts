import { addressFromTap, ROUTED_GATEWAY } from '../../config/values/tap.ts';
import type { BgpSession, BirdFacts, HostRoute, Tap, TapEnds } from '../../hypervisor/routes.ts';
import type { RoutingFacts } from './look.ts';
import type { RoutedAddress } from './routed.ts';

/**
 * Whether an address is where it must be. `off`: nobody expects it, as its VM does not run. `unknown`: that
 * could not be looked at.
 */
export type Presence = 'there' | 'missing' | 'off' | 'unknown';

/** An address of a VM, at each place on its way to who sends something there. */
export interface PlacedAddress extends RoutedAddress {
  /** Whether there is a tap at all. */
  readonly hasTap: boolean | undefined;
  readonly onTap: Presence;
  readonly inKernel: Presence;
  readonly inBird: Presence;
  /** Sessions whose neighbours are told of it. */
  readonly announcedTo: readonly BgpSession[];
  /** Those that are up, and do not tell of it. */
  readonly silent: readonly BgpSession[];
}

/** Of plow's bird.conf, which has a name for each neighbour. */
const OWN = /^plow_/u;

/** Sessions that plow has set up. */
export function ownSessions({ sessions }: Pick<BirdFacts, 'sessions'>): readonly BgpSession[] {
  return sessions.filter(({ name }) => OWN.test(name));
}

/**
 * Sessions that are to tell of VMs: those of plow, else whatever an administrator's own bird.conf has that
 * tells of one now, or may once it is up.
 */
export function sessionsForVms(bird: Pick<BirdFacts, 'sessions'>): readonly BgpSession[] {
  const own = ownSessions(bird);
  if (own.length > 0) return own;
  const found = bird.sessions.filter(
    ({ isEstablished, exports }) =>
      !isEstablished ||
      exports === undefined ||
      exports.some(({ device }) => addressFromTap(device) !== undefined),
  );
  return found.some(({ isEstablished }) => isEstablished) ? found : bird.sessions;
}

/**
 * What routes an address to its tap; undefined where nothing does. Others than plow give the gateway to the
 * tap alone, and make the route themselves.
 */
export function endsOf(
  { name: tap, addresses }: Tap,
  peer: string,
  hostRoutes: readonly HostRoute[] = [],
): TapEnds | undefined {
  const own = addresses.filter(({ local }) => local === ROUTED_GATEWAY);
  const ends = { tap, local: ROUTED_GATEWAY, peer };
  if (own.some((one) => one.peer === peer)) return { by: 'address', ...ends };
  const hasRoute = hostRoutes.some(({ address, device }) => address === peer && device === tap);
  return hasRoute && own.length > 0 ? { by: 'route', ...ends } : undefined;
}

/** Looks for an address at each place. */
export function placed(one: RoutedAddress, facts: RoutingFacts): PlacedAddress {
  const tap = facts.taps?.find(({ name }) => name === one.tap);
  const isRouted = tap !== undefined && endsOf(tap, one.address, facts.hostRoutes) !== undefined;
  const route = facts.hostRoutes?.some(
    ({ address, device }) => address === one.address && device === one.tap,
  );
  const { bird } = facts;
  const isIn = bird.state === 'up' && bird.routes.some(({ address, device }) => isSame(one, address, device));
  const sessions = bird.state === 'up' ? sessionsForVms(bird) : [];
  const told = sessions.filter(({ exports }) =>
    exports?.some(({ address, device }) => isSame(one, address, device)),
  );
  return {
    ...one,
    hasTap: facts.taps && tap !== undefined,
    onTap: presence(one, facts.taps && isRouted),
    inKernel: presence(one, route),
    inBird: presence(one, bird.state === 'up' ? isIn : undefined),
    announcedTo: told,
    silent: sessions.filter(
      (session) => session.isEstablished && session.exports !== undefined && !told.includes(session),
    ),
  };
}

/** BIRD may know it by another device, of a VM that has moved away. */
function isSame({ address, tap }: RoutedAddress, other: string, device: string | undefined): boolean {
  return address === other && (device === undefined || device === tap);
}

function presence({ active }: RoutedAddress, isThere: boolean | undefined): Presence {
  if (!active) return 'off';
  if (isThere === undefined) return 'unknown';
  return isThere ? 'there' : 'missing';
}
