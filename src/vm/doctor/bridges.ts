import { bridgesAmong, bridgesUnknown, bridgeProblem, isRefusal } from '../host/bridges.ts';
import type { Bridge } from '../host/bridges.ts';
import type { Examination, Finding } from './finding.ts';
import { failure, ok, unknown, warning } from './finding.ts';

/** A line for all that nothing is to be said of, and one for each of the others. */
export async function checkBridges({ context }: Examination): Promise<Finding | readonly Finding[]> {
  try {
    return describe(bridgesAmong(await context.hypervisor.listInterfaces()));
  } catch (error) {
    if (isRefusal(error)) return unknown(bridgesUnknown(error));
    throw error;
  }
}

function describe(bridges: readonly Bridge[]): Finding | readonly Finding[] {
  if (bridges.length === 0) {
    return failure({
      text: 'the hypervisor has no bridge, which a VM needs',
      repair: 'ip link add br0 type bridge && ip link set br0 up (until the next boot)',
    });
  }
  const problems = bridges.map(bridgeProblem);
  const well = bridges.filter((_, index) => problems[index] === undefined).map(summary);
  return [
    ...(well.length === 0 ? [] : [ok(well.join(', '))]),
    ...problems.filter((problem) => problem !== undefined).map(warning),
  ];
}

/** `br0 (eth0, 10.20.30.2/24)` */
function summary({ name, ports, addresses }: Bridge): string {
  const plugged = ports.length === 0 ? ['no port'] : ports.map((port) => port.name);
  return `${name} (${[...plugged, ...addresses].join(', ')})`;
}
