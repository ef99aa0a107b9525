import { bridgeTroubles } from '../host/bridge-access.ts';
import { bridgesAmong, bridgesUnknown, bridgeProblem, isRefusal } from '../host/bridges.ts';
import type { Bridge } from '../host/bridges.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok, unknown, warning } from './finding.ts';
import { NETWORK_FILE } from '../../config/network-file/network-file.ts';
import { routedInText } from '../routing/routed.ts';

/** A line for all that nothing is to be said of, and one for each of the others. */
export async function checkBridges(examination: Examination): Promise<Finding | readonly Finding[]> {
  const { context, host } = examination;
  try {
    const bridges = bridgesAmong(await host.listInterfaces());
    if (bridges.length === 0 && (await routesVms(examination))) return ok('no bridge; VMs are routed');
    return [describe(bridges), await closed(bridges, context.hypervisor)].flat();
  } catch (error) {
    if (isRefusal(error)) return unknown(bridgesUnknown(error));
    throw error;
  }
}

/** Of a hypervisor that announces its VMs nobody misses a bridge. */
async function routesVms({ context, documents }: Examination): Promise<boolean> {
  if ((await context.hypervisor.local?.exists(NETWORK_FILE)) === true) return true;
  return (await documents()).some(({ stored }) => routedInText(stored).length > 0);
}

/** In a session, each trouble once. Where one bridge is allowed, the others are not missed. */
async function closed(
  bridges: readonly Bridge[],
  hypervisor: Examination['context']['hypervisor'],
): Promise<readonly Finding[]> {
  const findings = new Map<string, Finding>();
  const troubles = await Promise.all(bridges.map(({ name }) => bridgeTroubles(name, hypervisor)));
  const isOneAllowed = troubles.some((some) => !some.some(({ isSure }) => isSure));
  for (const trouble of troubles.flat()) {
    if (trouble.isSure && isOneAllowed) continue;
    if (findings.has(trouble.text)) continue;
    findings.set(trouble.text, (trouble.isSure ? failure : warning)('bridge-not-allowed', trouble));
  }
  return [...findings.values()];
}

function describe(bridges: readonly Bridge[]): Finding | readonly Finding[] {
  if (bridges.length === 0) {
    return failure('bridge-missing', {
      text: 'the hypervisor has no bridge, which a VM needs',
      repair: 'ip link add br0 type bridge && ip link set br0 up (until the next boot)',
    });
  }
  const problems = bridges.map(bridgeProblem);
  const well = bridges.filter((_, index) => problems[index] === undefined).map(summary);
  return [
    ...(well.length === 0 ? [] : [ok(well.join(', '))]),
    ...problems.filter((problem) => problem !== undefined).map((problem) => warning('bridge-down', problem)),
  ];
}

/** `br0 (eth0, 10.20.30.2/24)` */
function summary({ name, ports, addresses }: Bridge): string {
  const plugged = ports.length === 0 ? ['no port'] : ports.map((port) => port.name);
  return `${name} (${[...plugged, ...addresses].join(', ')})`;
}
