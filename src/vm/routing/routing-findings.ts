import { NETWORK_FILE } from '../../config/network-file/network-file.ts';
import { addressFromTap, ROUTED_GATEWAY } from '../../config/values/tap.ts';
import type { Tap } from '../../hypervisor/routes.ts';
import { HOOK_FILE } from '../../routing/places.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { guardFindings } from './guard-findings.ts';
import { addressesText, namesOf, SETUP, wrong } from './finding.ts';
import type { RoutingFinding } from './finding.ts';
import type { Hook } from './hook.ts';
import type { RoutingFacts } from './look.ts';
import { isInside, prefixesOf } from './plan.ts';
import type { PlacedAddress } from './places.ts';

const STRICT = 1;
const LOOSE = 2;

/** What is wrong with taps, routes and the kernel's settings, or that nothing is. */
export function routingFindings(
  all: readonly PlacedAddress[],
  facts: RoutingFacts,
): readonly RoutingFinding[] {
  if (facts.taps === undefined) {
    return [
      { check: 'routing', status: 'unknown', text: 'not checked: ip of iproute2 does not tell of taps' },
    ];
  }
  const found = [
    ...ofForwarding(facts),
    ...ofHook(all, facts.hook),
    ...ofTaps(all, facts.hook),
    ...ofKernel(all),
    ...ofPrefixes(all, facts),
    ...ofStrangers(all, facts.taps),
    ...ofOpenTaps(facts),
    ...guardFindings(facts),
  ];
  const there = all.filter(({ onTap, inKernel }) => onTap === 'there' && inKernel !== 'missing').length;
  const isOk = !found.some(({ status }) => status === 'failure');
  return isOk ? [{ check: 'routing', status: 'ok', text: summary(there, facts) }, ...found] : found;
}

function summary(there: number, { hook }: RoutingFacts): string {
  const whose = hook.state === 'there' ? "plow's hook is there" : 'a hook of libvirt is there';
  return there === 0
    ? `${whose}, and no routed VM runs`
    : `${addressesText(there)} of running VMs ${there === 1 ? 'is' : 'are'} routed to ${there === 1 ? 'its tap' : 'their taps'}`;
}

function ofForwarding({ forwards }: RoutingFacts): readonly RoutingFinding[] {
  if (forwards !== false) return [];
  const text = 'net.ipv4.ip_forward is 0: routed VMs are announced all the same, and nobody reaches them';
  return [wrong('routing', 'failure', 'forwarding-off', { text, repair: SETUP })];
}

/** One of somebody else's may do the work: then the taps tell. */
function ofHook(all: readonly PlacedAddress[], { state, other }: Hook): readonly RoutingFinding[] {
  if (state === 'closed') {
    const text = `the hook ${HOOK_FILE} is not executable: libvirt passes over it without a word`;
    return [wrong('routing', 'failure', 'hook-closed', { text, repair: `chmod 755 ${HOOK_FILE}` })];
  }
  if (state === 'changed') {
    const text = `the hook ${HOOK_FILE} is not the one of this plow`;
    return [wrong('routing', 'warning', 'hook-changed', { text, repair: SETUP })];
  }
  if (state !== 'missing' || other || all.every(({ onTap }) => onTap === 'there')) return [];
  const text = `there is no hook ${HOOK_FILE}: a VM that starts gets no route`;
  return [wrong('routing', 'failure', 'hook-missing', { text, repair: SETUP })];
}

/** What gives addresses to taps that have none. */
function givingBack(all: readonly PlacedAddress[], { state, other }: Hook): string {
  const [one] = all;
  if (state === 'closed')
    return `chmod 755 ${HOOK_FILE}, then systemctl restart libvirtd (or virtqemud), which runs it for each VM`;
  if (state === 'missing' && !other)
    return `${SETUP}, then systemctl restart libvirtd (or virtqemud), which runs the hook for each VM`;
  if (all.length > 1 || one === undefined)
    return 'systemctl restart libvirtd (or virtqemud), which runs the hook for each VM';
  return `ip addr replace ${ROUTED_GATEWAY} peer ${one.address}/32 dev ${one.tap} scope link`;
}

function ofTaps(all: readonly PlacedAddress[], hook: Hook): readonly RoutingFinding[] {
  const bare = all.filter(({ onTap }) => onTap === 'missing');
  const waiting = bare.filter(({ state, hasTap }) => state === 'paused' && hasTap === true);
  const gone = bare.filter(({ hasTap }) => hasTap === false);
  const unrouted = bare.filter((one) => !waiting.includes(one) && !gone.includes(one));
  const found: RoutingFinding[] = [];
  if (unrouted.length > 0) {
    const taps =
      unrouted.length === 1 ? `tap ${unrouted[0]?.tap ?? ''} has no address` : 'their taps have no address';
    const text = `nothing routes ${namesOf(unrouted)}: ${taps}`;
    found.push(wrong('routing', 'failure', 'route-missing', { text, repair: givingBack(unrouted, hook) }));
  }
  for (const { vm, tap } of gone) {
    const text = `VM '${vm}' runs, and there is no tap ${tap}`;
    found.push(
      wrong('routing', 'failure', 'route-missing', { text, repair: `plow restart ${shellArgument(vm)}` }),
    );
  }
  if (waiting.length > 0) {
    const text = `${namesOf(waiting)}: paused, with no address on the tap; who arrives by a migration gets it with the first frame`;
    found.push(
      wrong('routing', 'warning', 'route-missing', { text, repair: 'plow network status (once it runs)' }),
    );
  }
  return found;
}

function ofKernel(all: readonly PlacedAddress[]): readonly RoutingFinding[] {
  return all
    .filter(({ onTap, inKernel }) => onTap === 'there' && inKernel === 'missing')
    .map(({ vm, address, tap }) => {
      const text = `the kernel does not send ${address} of VM '${vm}' to its tap ${tap}`;
      const repair = `ip route replace ${address}/32 dev ${tap} scope link`;
      return wrong('routing', 'failure', 'route-missing', { text, repair });
    });
}

/** The host itself would send there what is meant for others. */
function ofPrefixes(all: readonly PlacedAddress[], { plan }: RoutingFacts): readonly RoutingFinding[] {
  if (plan.is === 'wrong') {
    const repair = `plow network setup --dry-run (says all that is wrong with it)`;
    return [wrong('routing', 'failure', 'network-file-wrong', { text: plan.why, repair })];
  }
  const prefixes = prefixesOf(plan);
  if (prefixes === undefined) return [];
  const outside = all.filter(({ active, address }) => active && !isInside(address, prefixes));
  if (outside.length === 0) return [];
  const text = `outside the prefixes of ${NETWORK_FILE} (${prefixes.map((one) => one.text).join(', ')}): ${namesOf(outside)}`;
  const repair = `add a prefix to ${NETWORK_FILE} and run ${SETUP}, or destroy the VM`;
  return [wrong('routing', 'failure', 'address-outside-prefixes', { text, repair })];
}

/** Taps with an address that no VM which runs has. */
function ofStrangers(all: readonly PlacedAddress[], taps: readonly Tap[]): readonly RoutingFinding[] {
  const known = new Set(all.filter(({ active }) => active).map(({ tap }) => tap));
  return taps
    .filter(
      ({ name, addresses }) => !known.has(name) && addresses.some(({ local }) => local === ROUTED_GATEWAY),
    )
    .map(({ name, addresses }) => {
      const peers = addresses.map(({ peer }) => peer ?? addressFromTap(name) ?? name);
      const text = `tap ${name} has ${peers.join(', ')} behind it, and belongs to no VM that runs`;
      return wrong('routing', 'warning', 'tap-stray', { text, repair: `ip link delete ${name}` });
    });
}

/** A guest on such a tap may send what is not its own. The larger of the two counts. */
function ofOpenTaps({ taps = [], filterOfAll = 0 }: RoutingFacts): readonly RoutingFinding[] {
  const found: RoutingFinding[] = [];
  const loose = taps.filter(({ filter }) => filter !== undefined && Math.max(filter, filterOfAll) !== STRICT);
  if (loose.length > 0) {
    const text = `the source addresses of guests are not checked (rp_filter) on ${devices(loose)}`;
    const keys =
      filterOfAll === LOOSE
        ? ['all', ...loose.filter(({ filter }) => filter !== STRICT).map(({ name }) => name)]
        : loose.map(({ name }) => name);
    const repair = `sysctl -w ${keys.map((key) => `net.ipv4.conf.${key}.rp_filter=1`).join(' ')}`;
    found.push(wrong('routing', 'warning', 'tap-open', { text, repair }));
  }
  const withIpv6 = taps.filter(({ ipv6 }) => ipv6 === true);
  if (withIpv6.length > 0) {
    const text = `the host has IPv6 on ${devices(withIpv6)}, and listens to routers that guests say they are`;
    const keys = withIpv6.map(({ name }) => `net.ipv6.conf.${name}.disable_ipv6=1`);
    found.push(wrong('routing', 'warning', 'tap-open', { text, repair: `sysctl -w ${keys.join(' ')}` }));
  }
  return found;
}

function devices(taps: readonly Tap[]): string {
  return taps.map(({ name }) => name).join(', ');
}
