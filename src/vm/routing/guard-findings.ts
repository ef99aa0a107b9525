import { RULES_FILE } from '../../routing/places.ts';
import { SETUP, wrong } from './finding.ts';
import type { RoutingFinding } from './finding.ts';
import type { RoutingFacts } from './look.ts';

/** Whether the rules of nftables that setup has written are the ones that are loaded, for each tap. */
export function guardFindings({ taps = [], rules, guards, plan }: RoutingFacts): readonly RoutingFinding[] {
  const isIsolated = plan.is === 'sound' && plan.network.isolate;
  if (isIsolated && rules !== undefined && !chainsOf(rules).includes('between')) {
    const text = `isolate: true is not in force: ${RULES_FILE} does not have it yet`;
    return [wrong('routing', 'failure', 'guard-missing', { text, repair: SETUP })];
  }
  if (isIsolated && rules === undefined) {
    const text = `isolate: true is not in force: there is no ${RULES_FILE}`;
    return [wrong('routing', 'failure', 'guard-missing', { text, repair: SETUP })];
  }
  if (rules === undefined || taps.length === 0) return [];
  if (guards === undefined)
    return [
      { check: 'routing', status: 'unknown', text: 'rules of nftables not checked: only root may ask' },
    ];
  const names = chainsOf(guards);
  const isWhole = chainsOf(rules).join() === names.join();
  const bare = taps.filter(({ name }) => !guards.includes(`"${name}"`));
  if (isWhole && bare.length === 0) return [];
  const what = isWhole
    ? `nftables does not guard ${bare.map(({ name }) => name).join(', ')}`
    : `nftables has not the rules of ${RULES_FILE}, or not all`;
  const text = `${what}: ${isIsolated ? 'guests are not isolated' : 'rp_filter alone keeps foreign sources out'}`;
  return [wrong('routing', 'failure', 'guard-missing', { text, repair: SETUP })];
}

/** By name, of both tables. */
function chainsOf(rules: string): readonly string[] {
  return [...rules.matchAll(/^\s*chain (?<name>\w+)/gmu)]
    .map(({ groups }) => groups?.['name'] ?? '')
    .toSorted();
}
