import type { Machine, VirtType } from '../../config/machine.ts';
import { judgeAll } from '../features/ask.ts';
import { refusal } from '../features/judge.ts';
import type { FeatureName } from '../features/table.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';

/**
 * What a machine needs of libvirt and QEMU, which they would miss when the VM is defined or started: one
 * round trip.
 */
export async function inspectFeatures(
  { cpuMode, firmware }: Machine,
  virtType: VirtType,
  { host, questions, report, notChecked }: Inspection,
): Promise<void> {
  // That is complained of.
  if (!host.virtTypes.includes(virtType)) return;
  const places = new Map<FeatureName, string>([
    [`cpu-${cpuMode}`, 'cpu_mode'],
    ...(firmware === 'uefi' ? ([['uefi', 'firmware']] as const) : []),
  ]);
  const asking = judgeAll([...places.keys()], questions.source, virtType);
  const judged = await explaining(asking, 'operation', 'cannot read the capabilities of the hypervisor');
  for (const one of judged) if (one.has === false) report([places.get(one.name) ?? ''], refusal(one));
  // libvirt tells it to no connection that is read-only, which is what a dry run has.
  const untold = judged.find(({ has }) => has === undefined);
  if (untold !== undefined) notChecked({ check: 'features', why: untold.why });
}
