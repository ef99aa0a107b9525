import { judge } from '../../routing/judge.ts';
import type { RoutingState } from '../../routing/judge.ts';
import { isSetUp, lookAtRouting } from '../../routing/look.ts';
import { routedInText } from '../../routing/routed.ts';
import type { Examination, Finding } from '../finding.ts';

/**
 * One look for both checks: what happens between two would be told as trouble.
 * @returns undefined where nobody has to do with routed VMs
 */
export async function routingOf(
  { hypervisor }: Examination['context'],
  documents: Examination['documents'],
): Promise<RoutingState | undefined> {
  const all = (await documents()).flatMap(({ stored, live }) => [stored, live ?? '']);
  const isWanted = all.some((text) => routedInText(text).length > 0) || (await isSetUp(hypervisor));
  return isWanted ? judge(await lookAtRouting(hypervisor)) : undefined;
}

/** Taps, routes and the kernel's settings; nothing where no VM is routed and plow was not set up for it. */
export function checkRouting(examination: Examination): Promise<readonly Finding[]> {
  return findingsOf(examination, 'routing');
}

/** Who is told of the addresses; nothing where BIRD has nothing to do with VMs. */
export function checkBgp(examination: Examination): Promise<readonly Finding[]> {
  return findingsOf(examination, 'bgp');
}

async function findingsOf({ routing }: Examination, wanted: 'routing' | 'bgp'): Promise<readonly Finding[]> {
  return ((await routing())?.findings ?? []).filter(({ check }) => check === wanted);
}
