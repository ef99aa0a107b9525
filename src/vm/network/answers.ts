import type { LoadedMachine } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { VmContext } from '../context.ts';
import type { AskedNeighbours, MayBeAsked } from '../host/asked-neighbours.ts';
import type { NotChecked } from '../host/not-checked.ts';
import { forced, isForced } from './elsewhere.ts';
import { ownerOf } from './taken-addresses.ts';

type Interfaces = readonly MayBeAsked[];

/** VMs that may be those who answer; without a host those of the hypervisor itself. */
export interface Known {
  readonly host?: string;
  readonly vms: readonly DomainDocument[];
}

/** `10.0.0.5 is in use on br0: MAC address 52:54:00:00:00:01 answers, VM 'web' on hv2` */
export function answersText(
  { address, bridge = '' }: MayBeAsked,
  mac: string,
  known: readonly Known[],
): string {
  const [whose = 'which no VM has that plow knows of'] = known.flatMap(({ host, vms }) => {
    const owner = ownerOf(mac, vms);
    if (owner === undefined) return [];
    return [`VM '${owner.name}'${host === undefined ? '' : ` on ${host}`}`];
  });
  return `${address} is in use on ${bridge}: MAC address ${mac} answers, ${whose}`;
}

/** Why it is not known whether somebody answers, once for all interfaces with the same reason. */
export function unanswered(asked: AskedNeighbours, interfaces: Interfaces): readonly NotChecked[] {
  return [...asked.untold].map(([index, untold]) => {
    const { address = '', bridge = '' } = interfaces[index] ?? {};
    const why = {
      'not-here': 'plow does not run on the hypervisor',
      'no-route': `the hypervisor has no route to ${address} through ${bridge}`,
      remembered: `the hypervisor remembers somebody at ${address}, who has not answered now`,
      unsent: `the hypervisor lets plow send nothing to ${address}`,
    }[untold];
    return { check: 'neighbours', why };
  });
}

/**
 * Looks once more, before a VM is started, who has answered since its configuration was checked.
 * @throws PlowError (validation, operation)
 */
export async function refuseAnswered(
  loaded: LoadedMachine,
  asked: AskedNeighbours | undefined,
  { hypervisor, progress, guard }: VmContext,
): Promise<void> {
  const { name, interfaces } = loaded.machine;
  await asked?.ended;
  const late = asked?.take() ?? [];
  if (late.length === 0) return;
  const own = await hypervisor.domainDocuments().catch(() => []);
  const elsewhere = (await guard?.elsewhere?.())?.hosts ?? [];
  const known = [{ vms: own.filter((other) => other.name !== name) }, ...elsewhere];
  const found = late.flatMap(({ index, mac }) => {
    const nic = interfaces[index];
    if (nic === undefined) return [];
    return [{ path: ['network_interfaces', index, 'ip'], text: answersText(nic, mac, known) }];
  });
  if (isForced(guard)) return found.forEach(({ text }) => progress.note(forced(text)));
  const lines = found.map(({ path, text }) => `${loaded.locate(path)}: ${text}`);
  const mistakes = found.map(({ path, text }) => loaded.mistake(path, text));
  throw new PlowError('validation', lines.join('\n'), { mistakes });
}
