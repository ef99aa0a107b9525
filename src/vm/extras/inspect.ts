import { machineFamily } from '../../config/architectures.ts';
import type { Machine } from '../../config/machine.ts';
import { settle } from '../../config/settle.ts';
import type { GuestKind } from '../../config/settle.ts';
import type { Inspection } from '../host/inspection.ts';
import { inspectShares } from './shares.ts';
import { inspectFwCfg } from './fw-cfg.ts';

/** What few VMs have, as far as their hypervisor, or their image, may not allow it. @throws PlowError */
export async function inspectExtras(
  machine: Machine,
  kind: GuestKind,
  inspection: Inspection,
): Promise<void> {
  inspectSecureBoot(machine, kind, inspection);
  inspectNames(machine, inspection);
  for (const index of machine.fwCfg.keys()) await inspectFwCfg(machine, index, inspection);
  await inspectShares(machine, inspection);
}

/** The file alone does not tell where its image decides that Ignition sets up the guest. */
function inspectNames({ provisioning, fwCfg }: Machine, { report }: Inspection): void {
  if (provisioning?.format !== 'ignition') return;
  const own = provisioning.ignition.fwCfgName;
  for (const [index, { name }] of fwCfg.entries())
    if (name === own) report(['fw_cfg', index, 'name'], `${own} is what Ignition reads, by provisioning`);
}

/** What the file itself says against it was told before: here it is the image, or the host's architecture. */
function inspectSecureBoot(machine: Machine, kind: GuestKind, { report }: Inspection): void {
  if (!machine.hasSecureBoot) return;
  const { machineType, firmware, arch } = settle(machine, kind);
  if (arch !== 'x86_64') report(['secure_boot'], `a VM of ${arch} cannot have it`);
  else if (firmware !== 'uefi') report(['secure_boot'], `needs UEFI, and the VM has ${firmware}`);
  else if (machineFamily(machineType)?.family !== 'q35')
    report(['secure_boot'], `needs machine q35, and the VM has ${machineType}`);
}
