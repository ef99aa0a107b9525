import type { Machine } from '../config/machine.ts';
import {
  bridgesAmong,
  bridgesUnknown,
  bridgeTrouble,
  gatewayTrouble,
  isRefusal,
  toBridge,
  whichBridges,
} from './bridges.ts';
import type { Bridge } from './bridges.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { Inspection } from './inspection.ts';
import { told } from './trouble.ts';

/**
 * Complains of bridges that are not there, and notes those on which a VM starts and reaches nothing. A host whose libvirt
 * cannot tell is not held against the user. @throws HypervisorError where the connection broke
 */
export async function inspectBridges({ interfaces }: Machine, inspection: Inspection): Promise<void> {
  const { hypervisor, progress } = inspection.context;
  const names = [...new Set(interfaces.map(({ bridge }) => bridge))];
  let found: ReadonlyMap<string, Bridge | undefined>;
  try {
    found = await findAll(names, hypervisor);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    progress.note(`${bridgesUnknown(error)}: not checked`);
    return;
  }
  await complainOfMissing(names, found, interfaces, inspection);
  const notes = interfaces.flatMap(({ bridge, gateway }) => doubts(found.get(bridge), gateway));
  for (const note of new Set(notes)) progress.note(note);
}

async function findAll(
  names: readonly string[],
  hypervisor: Hypervisor,
): Promise<ReadonlyMap<string, Bridge | undefined>> {
  const found = new Map<string, Bridge | undefined>();
  for (const name of names) {
    const host = await hypervisor.findInterface(name);
    found.set(name, host && toBridge(host));
  }
  return found;
}

/** The bridges that there are cost a round trip more, which only a mistake is worth. */
async function complainOfMissing(
  names: readonly string[],
  found: ReadonlyMap<string, Bridge | undefined>,
  interfaces: Machine['interfaces'],
  { context: { hypervisor }, complain }: Inspection,
): Promise<void> {
  const wrong = names.filter((name) => found.get(name)?.type !== 'bridge');
  if (wrong.length === 0) return;
  const bridges = await listBridges(hypervisor);
  for (const name of wrong) {
    const index = interfaces.findIndex(({ bridge }) => bridge === name);
    const type = found.get(name)?.type;
    const what =
      type === undefined
        ? `bridge '${name}' does not exist on the hypervisor`
        : `'${name}' is not a bridge but an interface of type ${type}`;
    complain(['network_interfaces', index, 'bridge'], `${what}${whichBridges(name, bridges)}`);
  }
}

async function listBridges(hypervisor: Hypervisor): Promise<readonly Bridge[] | undefined> {
  try {
    return bridgesAmong(await hypervisor.listInterfaces());
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function doubts(bridge: Bridge | undefined, gateway: string): readonly string[] {
  if (bridge?.type !== 'bridge') return [];
  const trouble = bridgeTrouble(bridge);
  const notes = [trouble && told(trouble), gatewayTrouble(bridge, gateway)];
  return notes.filter((note) => note !== undefined);
}
