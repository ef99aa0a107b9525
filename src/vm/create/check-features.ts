import { ARCHITECTURES } from '../../config/architectures.ts';
import type { Machine } from '../../config/machine.ts';
import { settle } from '../../config/settle.ts';
import type { GuestKind } from '../../config/settle.ts';
import { judgeAll } from '../features/ask.ts';
import type { Source } from '../features/ask.ts';
import { refusal } from '../features/judge.ts';
import type { Judgement } from '../features/judge.ts';
import type { FeatureName } from '../features/table.ts';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import { featuresOfExtras } from '../extras/features.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { installing } from '../../text/installing.ts';

/**
 * What a machine needs of libvirt and QEMU, which they would miss when the VM is defined or started: one
 * round trip.
 */
export async function inspectFeatures(
  machine: Machine,
  kind: GuestKind,
  { host, questions, report, notChecked }: Inspection,
): Promise<void> {
  const places = placesOf(machine, kind);
  const asking = judgeNeeded(machine, kind, host, questions.source);
  const judged = await explaining(asking, 'operation', 'cannot read the capabilities of the hypervisor');
  for (const one of judged)
    if (one.has === false) report([places.get(one.name) ?? ''], refusal(inWordsOf(kind, one)));
  // libvirt tells it to no connection that is read-only, which is what a dry run has.
  const untold = judged.find(({ has }) => has === undefined);
  if (untold !== undefined) notChecked({ check: 'features', why: untold.why });
}

/** None where it cannot run at all, which is complained of. @throws HypervisorError */
export async function judgeNeeded(
  machine: Machine,
  kind: GuestKind,
  host: HostFacts,
  source: Source,
): Promise<readonly Judgement[]> {
  if (!host.guests[kind.arch].virtTypes.includes(kind.virtType)) return [];
  const { machineType } = settle(machine, kind);
  return judgeAll([...placesOf(machine, kind).keys()], source, { ...kind, machineType });
}

/** What it needs, by the keys of its file that say so, but for a CPU mode that is refused anyway. */
function placesOf(machine: Machine, kind: GuestKind): ReadonlyMap<FeatureName, string> {
  const { cpuMode, firmware } = settle(machine, kind);
  const isRefused = !ARCHITECTURES[kind.arch].cpuModes[kind.virtType].includes(cpuMode);
  return new Map<FeatureName, string>([
    ...(isRefused ? [] : ([[`cpu-${cpuMode}`, 'cpu_mode']] as const)),
    ...(firmware === 'uefi' ? ([['uefi', 'firmware']] as const) : []),
    ...(machine.vnc === undefined ? [] : ([['vnc', 'vnc']] as const)),
    ...featuresOfExtras(machine),
  ]);
}

/** What helps may depend on the architecture. */
function inWordsOf({ arch }: GuestKind, one: Judgement): Judgement {
  const { firmwares, packages } = ARCHITECTURES[arch];
  if (one.name !== 'uefi' || firmwares.includes('bios')) return one;
  return { ...one, otherwise: `${installing(packages.uefi, undefined)} there` };
}
