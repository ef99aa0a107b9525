import type { LoadedMachine, Machine } from '../../../config/machine.ts';
import type { GuestKind } from '../../../config/settle.ts';
import type { Hypervisor } from '../../../hypervisor/hypervisor.ts';
import type { VmContext } from '../../context.ts';
import { chooseKind } from '../../create/choose-kind.ts';
import { inspectFeatures } from '../../create/check-features.ts';
import { inspectMemory } from '../../create/check-memory.ts';
import { inspectLayout } from '../../create/layout/check-layout.ts';
import { lookAround } from '../../create/preflight.ts';
import { inspectExtras } from '../../extras/inspect.ts';
import { Complaints } from '../../host/complaints.ts';
import type { Inspection, Surroundings } from '../../host/inspection.ts';
import { inspectMediumOf } from '../../image/medium.ts';
import { inspectNetwork } from '../../network/inspect-network.ts';
import { inspectVnc } from '../../vnc/inspect.ts';

/** What a VM is stored as. */
export interface StoredKind extends GuestKind {
  readonly hidesThreads: boolean;
}

/**
 * What only its hypervisor can tell of a machine, as before a create, as far as it is about what changes.
 * @param whats names of the changes that are stored
 * @throws PlowError (validation) with a line for each mistake
 */
export async function checkChanges(
  loaded: LoadedMachine,
  machine: Machine,
  whats: readonly string[],
  context: VmContext,
): Promise<StoredKind> {
  const complaints = new Complaints(loaded);
  const { report } = complaints;
  const surroundings = await surroundingsOf(context);
  const inspection: Inspection = { ...surroundings, context, report, notChecked: () => {} };
  const kind = chooseKind(machine, inspection.host, report);
  await inspectFeatures(machine, kind, inspection);
  await inspectExtras(machine, kind, inspection);
  await inspectMemory(machine, inspection);
  await inspectLayout(machine, kind, inspection);
  if (whats.includes('vnc')) await inspectVnc(machine, inspection);
  if (whats.includes('disk sdb')) await inspectMediumOf(machine, inspection);
  await inspectPlugs(machine, whats, inspection);
  const error = complaints.error();
  if (error !== undefined) throw error;
  return { ...kind, hidesThreads: inspection.host.topology.hidesThreads };
}

/** Interfaces that come, or go to another bridge. */
async function inspectPlugs(
  { name, interfaces }: Machine,
  whats: readonly string[],
  inspection: Inspection,
): Promise<void> {
  for (const [index, nic] of interfaces.entries()) {
    if (!whats.includes(`interface ${nic.mac}`)) continue;
    const report: Inspection['report'] = ([list = '', , ...path], text) =>
      inspection.report([list, index, ...path], text);
    await inspectNetwork({ name, interfaces: [nic] }, { ...inspection, report });
  }
}

const KNOWN = new WeakMap<Hypervisor, Promise<Surroundings>>();

/** Of a hypervisor once in a run. */
async function surroundingsOf(context: VmContext): Promise<Surroundings> {
  const known = KNOWN.get(context.hypervisor) ?? lookAround(context);
  KNOWN.set(context.hypervisor, known);
  try {
    return await known;
  } catch (error) {
    KNOWN.delete(context.hypervisor);
    throw error;
  }
}
