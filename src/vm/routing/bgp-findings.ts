import { addressFromTap } from '../../config/values/tap.ts';
import type { BgpSession, BirdFacts } from '../../hypervisor/routes.ts';
import { TAPS_PROTOCOL } from '../../routing/bird.ts';
import { addressesText, namesOf, SETUP, wrong } from './finding.ts';
import type { RoutingFinding } from './finding.ts';
import type { RoutingFacts } from './look.ts';
import { isInside, prefixesOf } from './plan.ts';
import { ownSessions, sessionsForVms } from './places.ts';
import type { PlacedAddress } from './places.ts';

const REPAIRS = { absent: SETUP, down: 'systemctl start bird', silent: 'birdc show status' } as const;

/** Who is told of the addresses. Nothing where BIRD has nothing to do with VMs. */
export function bgpFindings(all: readonly PlacedAddress[], facts: RoutingFacts): readonly RoutingFinding[] {
  const { bird, plan } = facts;
  const isWanted = plan.is === 'sound' && plan.network.bgp !== undefined;
  if (bird.state !== 'up') {
    if (bird.state === 'absent' && !isWanted) return [];
    if (bird.state === 'denied')
      return [{ check: 'bgp', status: 'unknown', text: `not checked: ${bird.why}` }];
    const what = bird.state === 'silent' ? 'nobody knows what is announced' : 'no address is announced';
    const text = `${bird.why}: ${what}`;
    const repair = REPAIRS[bird.state];
    return [wrong('bgp', isWanted ? 'failure' : 'warning', 'bird-down', { text, repair })];
  }
  const protocol = bird.protocols.find(({ name }) => name === TAPS_PROTOCOL);
  if (isWanted && protocol === undefined) {
    const text = `BIRD has no protocol ${TAPS_PROTOCOL}: its bird.conf does not include plow's file`;
    return [wrong('bgp', 'failure', 'not-announced', { text, repair: SETUP })];
  }
  const sessions = sessionsForVms(bird);
  const found = [
    ...ofDrain(all, facts, bird),
    ...ofSessions(all, sessions, ownSessions(bird).length > 0),
    ...(isDrained(facts, bird) ? [] : ofMissing(all)),
    ...ofWrong(all, sessions, facts),
  ];
  const isOk = found.length === 0 && sessions.length > 0;
  return isOk ? [{ check: 'bgp', status: 'ok', text: summary(all, sessions) }] : found;
}

function summary(all: readonly PlacedAddress[], sessions: readonly BgpSession[]): string {
  const count = all.filter(({ announcedTo }) => announcedTo.length > 0).length;
  const whom = sessions.map(neighbourText).join(', ');
  return count === 0 ? `${whom}: Established` : `${addressesText(count)} announced to ${whom}`;
}

/** `10.78.0.1 (AS 65000)` */
export function neighbourText({ name, neighbor, neighborAs }: BgpSession): string {
  const who = neighbor ?? name;
  return neighborAs === undefined ? who : `${who} (AS ${neighborAs})`;
}

/** Whether plow's protocol takes no addresses, by its file or by hand. */
export function isDrained(
  { isDrained: hasFile }: Pick<RoutingFacts, 'isDrained'>,
  { protocols }: Pick<BirdFacts, 'protocols'>,
): boolean {
  const protocol = protocols.find(({ name }) => name === TAPS_PROTOCOL);
  return protocol !== undefined && (hasFile || protocol.state === 'down');
}

function ofDrain(
  all: readonly PlacedAddress[],
  facts: RoutingFacts,
  bird: BirdFacts,
): readonly RoutingFinding[] {
  const protocol = bird.protocols.find(({ name }) => name === TAPS_PROTOCOL);
  if (protocol === undefined) return [];
  if (facts.isDrained && protocol.state !== 'down') {
    const text = 'this host is drained, and its addresses are announced all the same';
    return [wrong('bgp', 'failure', 'drained', { text, repair: 'plow network drain' })];
  }
  if (protocol.state !== 'down') return [];
  const count = all.filter(({ active }) => active).length;
  const what = `${addressesText(count)} of VMs that run ${count === 1 ? 'is' : 'are'} not announced`;
  const why = facts.isDrained
    ? 'this host is drained'
    : `BIRD's protocol ${TAPS_PROTOCOL} is off until BIRD reads its files again`;
  const text = count === 0 ? `${why}: no address would be announced` : `${why}: ${what}`;
  return [wrong('bgp', 'warning', 'drained', { text, repair: 'plow network undrain' })];
}

function ofSessions(
  all: readonly PlacedAddress[],
  sessions: readonly BgpSession[],
  areOwn: boolean,
): readonly RoutingFinding[] {
  const count = all.filter(({ active }) => active).length;
  return sessions
    .filter(({ isEstablished }) => !isEstablished)
    .map((session) => {
      const what = count === 0 ? '' : `; ${addressesText(count)} of VMs are not announced there`;
      const text = `${neighbourText(session)}: ${session.state}, not Established${what}`;
      const repair = `birdc show protocols all ${session.name}`;
      return wrong('bgp', areOwn ? 'failure' : 'warning', 'bgp-session-down', { text, repair });
    });
}

function ofMissing(all: readonly PlacedAddress[]): readonly RoutingFinding[] {
  const found: RoutingFinding[] = [];
  const routed = all.filter(({ onTap }) => onTap === 'there');
  const unseen = routed.filter(({ inBird }) => inBird === 'missing');
  if (unseen.length > 0) {
    const text = `BIRD does not take from its tap: ${namesOf(unseen)}`;
    const repair = `birdc show protocols all ${TAPS_PROTOCOL} (its prefixes are those of the last ${SETUP})`;
    found.push(wrong('bgp', 'failure', 'not-announced', { text, repair }));
  }
  const kept = new Map<BgpSession, PlacedAddress[]>();
  for (const one of routed.filter(({ inBird }) => inBird === 'there'))
    for (const session of one.silent) kept.set(session, [...(kept.get(session) ?? []), one]);
  for (const [session, some] of kept) {
    const text = `not announced to ${neighbourText(session)}: ${namesOf(some)}`;
    const repair = `birdc show route noexport ${session.name}`;
    found.push(wrong('bgp', 'failure', 'not-announced', { text, repair }));
  }
  return found;
}

/** What is announced and nobody here has, or lies outside the prefixes. */
function ofWrong(
  all: readonly PlacedAddress[],
  sessions: readonly BgpSession[],
  { plan }: RoutingFacts,
): readonly RoutingFinding[] {
  const prefixes = prefixesOf(plan);
  const own = new Set(all.filter(({ active }) => active).map(({ address }) => address));
  return sessions.flatMap((session) => {
    const ofTaps = session.exports?.filter(({ device }) => addressFromTap(device) !== undefined) ?? [];
    const nobodys = ofTaps.filter(({ address }) => !own.has(address));
    const outside = ofTaps.filter(({ address }) => prefixes !== undefined && !isInside(address, prefixes));
    const told = (why: string, some: typeof ofTaps, repair: string): readonly RoutingFinding[] => {
      if (some.length === 0) return [];
      const names = some.map(({ address, device = '' }) => `${address} (${device})`).join(', ');
      const text = `announced to ${neighbourText(session)}, and ${why}: ${names}`;
      return [wrong('bgp', 'failure', 'announced-wrongly', { text, repair })];
    };
    return [
      ...told(
        'no VM that runs has it',
        nobodys,
        nobodys.map(({ device = '' }) => `ip link delete ${device}`).join(' && '),
      ),
      ...told('outside the prefixes', outside, SETUP),
    ];
  });
}
