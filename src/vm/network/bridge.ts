import type { Machine } from '../../config/machine.ts';
import {
  bridgesAmong,
  bridgesUnknown,
  bridgeProblem,
  gatewayTrouble,
  isRefusal,
  toBridge,
  whichBridges,
} from '../host/bridges.ts';
import { bridgeTroubles } from '../host/bridge-access.ts';
import type { Bridge } from '../host/bridges.ts';
import type { HostInterface } from '../../hypervisor/host.ts';
import type { Inspection } from '../host/inspection.ts';
import { addressesOf } from '../host/own-addresses.ts';
import type { Questions } from '../host/questions.ts';
import { withRepair } from '../host-problem.ts';

/** What the checks of a network need. */
export type NetworkInspection = Pick<
  Inspection,
  'context' | 'questions' | 'report' | 'notChecked' | 'asked' | 'looksLater'
>;

const UNTOLD = 'libvirt does not tell the addresses of another machine';

/**
 * Complains of bridges that are not there, and notes those on which a VM starts and reaches nothing. A host
 * whose libvirt cannot tell is not held against the user. @returns addresses of the hypervisor itself, as far
 * as they are known
 * @throws HypervisorError where the connection broke
 */
export async function inspectBridges(
  { interfaces }: Pick<Machine, 'interfaces'>,
  inspection: NetworkInspection,
): Promise<ReadonlySet<string>> {
  const { questions, context, notChecked } = inspection;
  const names = [...new Set(bridgesOf(interfaces))];
  const local = await questions.ownAddresses();
  let hosts: ReadonlyMap<string, HostInterface>;
  try {
    hosts = await findAll(names, questions);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const why = bridgesUnknown(error);
    context.progress.note(`${why}: not checked`);
    notChecked({ check: 'bridges', why });
    if (local === undefined) notChecked({ check: 'own-address', why: UNTOLD });
    return local ?? new Set();
  }
  const found = new Map([...hosts].map(([name, host]) => [name, toBridge(host)]));
  await complainOfMissing(names, found, interfaces, inspection);
  await complainOfClosed([...found.keys()], interfaces, inspection);
  const notes = interfaces.flatMap((one) =>
    one.mode === 'bridge' ? bridgeWarnings(found.get(one.bridge), one.gateway) : [],
  );
  for (const note of new Set(notes)) context.progress.note(note);
  if (local === undefined && [...found.values()].some(({ addresses }) => addresses.length === 0)) {
    notChecked({ check: 'gateway', why: UNTOLD });
  }
  return local ?? (await elsewhere([...hosts.values()], inspection));
}

/** Each as often as it is named; routed interfaces have none. */
export function bridgesOf(interfaces: Machine['interfaces']): readonly string[] {
  return interfaces.flatMap((one) => (one.mode === 'bridge' ? [one.bridge] : []));
}

async function findAll(
  names: readonly string[],
  questions: Questions,
): Promise<ReadonlyMap<string, HostInterface>> {
  const found = new Map<string, HostInterface>();
  for (const name of names) {
    const host = await questions.findInterface(name);
    if (host !== undefined) found.set(name, host);
  }
  return found;
}

/** Of another machine the documents may tell addresses: where those at hand tell none, no other will. */
async function elsewhere(
  hosts: readonly HostInterface[],
  { questions, notChecked }: NetworkInspection,
): Promise<ReadonlySet<string>> {
  const known = addressesOf(hosts);
  if (known.size === 0) {
    notChecked({ check: 'own-address', why: UNTOLD });
    return known;
  }
  return new Set([...known, ...addressesOf((await listAll(questions)) ?? [])]);
}

/** The bridges that there are cost a round trip more, which only a mistake is worth. */
async function complainOfMissing(
  names: readonly string[],
  found: ReadonlyMap<string, Bridge>,
  interfaces: Machine['interfaces'],
  { questions, report }: NetworkInspection,
): Promise<void> {
  const wrong = names.filter((name) => found.get(name)?.type !== 'bridge');
  if (wrong.length === 0) return;
  const all = await listAll(questions);
  const bridges = all && bridgesAmong(all);
  for (const name of wrong) {
    const index = interfaces.findIndex((one) => one.mode === 'bridge' && one.bridge === name);
    const type = found.get(name)?.type;
    const what =
      type === undefined
        ? `bridge '${name}' does not exist on the hypervisor`
        : `'${name}' is not a bridge but an interface of type ${type}`;
    report(['network_interfaces', index, 'bridge'], `${what}${whichBridges(name, bridges)}`);
  }
}

/** Of a session: a bridge is root's, who has to allow it. What need not be so is a note. */
async function complainOfClosed(
  names: readonly string[],
  interfaces: Machine['interfaces'],
  { context, report }: NetworkInspection,
): Promise<void> {
  for (const name of names) {
    const index = interfaces.findIndex((one) => one.mode === 'bridge' && one.bridge === name);
    for (const trouble of await bridgeTroubles(name, context.hypervisor)) {
      if (trouble.isSure) report(['network_interfaces', index, 'bridge'], withRepair(trouble));
      else context.progress.note(withRepair(trouble));
    }
  }
}

async function listAll(questions: Questions): Promise<readonly HostInterface[] | undefined> {
  try {
    return await questions.listInterfaces();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function bridgeWarnings(bridge: Bridge | undefined, gateway: string | undefined): readonly string[] {
  if (bridge?.type !== 'bridge') return [];
  const problem = bridgeProblem(bridge);
  const notes = [problem && withRepair(problem), gatewayTrouble(bridge, gateway)];
  return notes.filter((note) => note !== undefined);
}
