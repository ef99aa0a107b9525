import type { Machine } from '../../config/machine.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { explaining } from '../failure.ts';
import { AskedNeighbours } from '../host/asked-neighbours.ts';
import { answersText, unanswered } from './answers.ts';
import { inspectBridges } from './bridge.ts';
import type { NetworkInspection } from './bridge.ts';
import { inspectModes } from './modes.ts';
import { complaining, elsewhereThan } from './elsewhere.ts';
import { clashesWith } from './taken-addresses.ts';

/**
 * Complains of bridges that are not there, and of addresses that the hypervisor has, or a VM of it or of
 * another host, or somebody who answers on the bridge. Each once, by whoever is asked first.
 * @throws PlowError, Interrupted
 */
export async function inspectNetwork(
  machine: Pick<Machine, 'name' | 'interfaces'>,
  inspection: NetworkInspection,
): Promise<void> {
  const { name, interfaces } = machine;
  const { questions, context, notChecked, looksLater } = inspection;
  const asked = inspection.asked ?? new AskedNeighbours(interfaces, context.hypervisor);
  const bridges = inspectBridges(machine, inspection);
  const own = await explaining(bridges, 'operation', 'cannot look up the bridges');
  await explaining(inspectModes(machine, inspection), 'operation', 'cannot look up what libvirt can');
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const others = documents.filter((other) => other.name !== name);
  const complain = complaining(inspection);
  const told = new Set<string>();
  const tell = (index: number, key: 'ip' | 'mac', text: string): void => {
    const path = ['network_interfaces', index, key];
    if (!told.has(path.join('.'))) complain(path, text);
    told.add(path.join('.'));
  };
  const tellClashes = (vms: readonly DomainDocument[], host?: string): void => {
    for (const [index, nic] of interfaces.entries())
      for (const { key, text } of clashesWith(nic, vms, host)) {
        const isShared = key === 'ip' && host !== undefined && nic.mode === 'ethernet';
        if (!isShared) tell(index, key, text);
        else if (context.guard?.isAnycast === true) context.progress.note(shared(text));
        else tell(index, key, `${text}; --anycast announces it from both`);
      }
  };
  for (const [index, { address }] of interfaces.entries())
    if (own.has(address)) tell(index, 'ip', `${address} is an address of the hypervisor itself`);
  tellClashes(others);
  const { hosts } = await elsewhereThan(documents, context);
  for (const { host, vms } of hosts) tellClashes(vms, host);
  if (looksLater !== true) await asked.ended;
  for (const { index, mac } of asked.take()) {
    const nic = interfaces[index];
    if (nic !== undefined) tell(index, 'ip', answersText(nic, mac, [{ vms: others }, ...hosts]));
  }
  for (const one of unanswered(asked, interfaces)) notChecked(one);
}

/** The routers choose whom they reach. */
function shared(text: string): string {
  return `${text}, which is announced as well (--anycast)`;
}
