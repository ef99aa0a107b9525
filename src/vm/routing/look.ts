import { NETWORK_FILE } from '../../config/network-file/network-file.ts';
import { DRAINED_FILE } from '../../routing/drained.ts';
import { ARP_TABLE, RULES_FILE, TABLE } from '../../routing/places.ts';
import { hookScript } from '../../routing/hook.ts';
import type { Bird, HostRoute, Tap } from '../../hypervisor/routes.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { lookAtHook } from './hook.ts';
import type { Hook } from './hook.ts';
import { networkPlan } from './plan.ts';
import type { NetworkPlan } from './plan.ts';
import { listRouted } from './routed.ts';
import type { RoutedAddress } from './routed.ts';

/** What there is of routed VMs on a hypervisor that is this machine. */
export interface RoutingFacts {
  readonly taps: readonly Tap[] | undefined;
  readonly hostRoutes: readonly HostRoute[] | undefined;
  readonly forwards: boolean | undefined;
  readonly filterOfAll: number | undefined;
  /** What the hook loads; undefined where there is no such file. */
  readonly rules: string | undefined;
  /** What is loaded of it; undefined where it cannot be told. */
  readonly guards: string | undefined;
  readonly bird: Bird;
  readonly hook: Hook;
  readonly plan: NetworkPlan;
  /** The file that keeps addresses from being announced is there. */
  readonly isDrained: boolean;
}

/** Everything about routes that was seen at one time. */
export interface RoutingLook {
  readonly declared: readonly RoutedAddress[];
  /** Undefined where the hypervisor is another machine, or may be. */
  readonly facts: RoutingFacts | undefined;
}

type Seen = Pick<Hypervisor, 'listDomains' | 'local' | 'routes'>;

/** A VM that starts or goes meanwhile is seen at one place and not at the other. */
const LOOKS = 3;

/** What does not belong together is looked at again: only what is so twice is so. @throws HypervisorError */
export async function lookAtRouting(hypervisor: Seen): Promise<RoutingLook> {
  let seen = await lookOnce(hypervisor);
  for (let looks = 1; looks < LOOKS; looks += 1) {
    const before = mismatches(seen);
    if (before === '') break;
    seen = await lookOnce(hypervisor);
    if (mismatches(seen) === before) break;
  }
  return seen;
}

/** Taps without a VM that runs, and VMs that run without a tap. */
function mismatches({ declared, facts }: RoutingLook): string {
  if (facts?.taps === undefined) return '';
  const taps = new Set(facts.taps.filter(({ addresses }) => addresses.length > 0).map(({ name }) => name));
  const running = new Set(declared.filter(({ active }) => active).map(({ tap }) => tap));
  const lone = [
    ...[...taps].filter((tap) => !running.has(tap)),
    ...[...running].filter((tap) => !taps.has(tap)),
  ];
  return lone.toSorted().join(' ');
}

async function lookOnce(hypervisor: Seen): Promise<RoutingLook> {
  const declared = await listRouted(hypervisor);
  const { local, routes } = hypervisor;
  if (local === undefined || routes === undefined) return { declared, facts: undefined };
  const [taps, hostRoutes, forwards, filterOfAll, rules, guards, bird, hook, plan, isDrained] =
    await Promise.all([
      routes.taps(),
      routes.hostRoutes(),
      routes.forwards(),
      routes.filterOfAll(),
      local.read(RULES_FILE),
      routes.guards([TABLE, ARP_TABLE]),
      routes.bird(),
      lookAtHook(local, hookScript()),
      networkPlan(local),
      local.exists(DRAINED_FILE),
    ]);
  const settings = { forwards, filterOfAll, rules, guards };
  return { declared, facts: { taps, hostRoutes, ...settings, bird, hook, plan, isDrained } };
}

/** What BIRD does now; undefined where it cannot be told, or BIRD does not run. */
export async function lookAtBird({
  local,
  routes,
}: Pick<Hypervisor, 'local' | 'routes'>): Promise<
  { readonly bird: Extract<Bird, { readonly state: 'up' }>; readonly isDrained: boolean } | undefined
> {
  const bird = await routes?.bird();
  if (local === undefined || bird?.state !== 'up') return undefined;
  return { bird, isDrained: await local.exists(DRAINED_FILE) };
}

/** Whether plow has been set up there for routed VMs, as far as it is known. */
export async function isSetUp({ local }: Pick<Hypervisor, 'local'>): Promise<boolean> {
  if (local === undefined) return false;
  return (await local.exists(NETWORK_FILE)) || (await lookAtHook(local)).state !== 'missing';
}
