import type { Machine } from '../../config/machine.ts';
import { NETWORK_FILE } from '../../config/network-file/network-file.ts';
import type { Inspection } from '../host/inspection.ts';
import { isInside, networkPlan, prefixesOf } from './plan.ts';

/** Said where nothing of it can be looked at. */
const NOT_HERE = 'not checked on another host';

/**
 * Complains of a routed interface that nobody would reach: its address lies outside the prefixes, or the
 * hypervisor does not forward. Looks only where the hypervisor is this machine.
 */
export async function inspectRouting(
  { interfaces }: Pick<Machine, 'interfaces'>,
  { context, report, notChecked }: Pick<Inspection, 'context' | 'report' | 'notChecked'>,
): Promise<void> {
  const routed = interfaces.flatMap(({ mode, address }, index) =>
    mode === 'ethernet' ? [{ address, index }] : [],
  );
  if (routed.length === 0) return;
  const { hypervisor, progress } = context;
  const { local, routes } = hypervisor;
  const complain = (key: string, text: string): void => {
    for (const { index } of routed) report(['network_interfaces', index, key], text);
  };
  if (local === undefined || routes === undefined) {
    notChecked({ check: 'routing', why: NOT_HERE });
    progress.note(`routing: ${NOT_HERE}`);
    return;
  }
  const [plan, forwards] = await Promise.all([networkPlan(local), routes.forwards()]);
  if (plan.is === 'hidden') notChecked({ check: 'routing', why: `${NETWORK_FILE} may not be read` });
  if (plan.is === 'wrong') complain('ip', `cannot be compared with the prefixes: ${plan.why}`);
  const prefixes = prefixesOf(plan);
  for (const { address, index } of routed) {
    if (prefixes === undefined || isInside(address, prefixes)) continue;
    const allowed = prefixes.map(({ text }) => text).join(', ');
    const text = `${address} lies outside the prefixes of this hypervisor (${allowed} in ${NETWORK_FILE})`;
    report(['network_interfaces', index, 'ip'], text);
  }
  if (forwards === false)
    complain('mode', 'the hypervisor does not forward (net.ipv4.ip_forward is 0): plow network setup');
}
