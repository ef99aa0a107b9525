import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { withOverlays } from '../../libvirt-xml/snapshot/layers.ts';
import type { SnapshotRecord } from '../../libvirt-xml/snapshot/read.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { refuseDestroyed } from '../lifecycle/power.ts';
import type { Changed } from '../lifecycle/power.ts';
import { forceOff } from '../lifecycle/shut-down.ts';
import type { OnFailure } from '../rollback.ts';
import { whyNot } from './chains.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { closeVm, openVm } from './directory.ts';
import type { OpenVm } from './directory.ts';
import { unknownSnapshot } from './list.ts';
import { readVm } from './look.ts';
import type { SnapshotVm } from './look.ts';
import { keptVariables, readVariables, writeVariables } from './nvram.ts';
import { makeOverlays, planOverlays } from './overlays.ts';
import { sweepAfter } from './spare.ts';
import { withWork } from './work.ts';

/**
 * Has a VM go on from a snapshot, in new files on those of the snapshot, which stays. What was written since
 * then is lost unless another snapshot has it. Its configuration stays as it is. One that ran is forced off
 * and started again. @throws PlowError, Interrupted
 */
export async function revertToSnapshot(domain: Domain, wanted: string, context: VmContext): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`VM '${name}' goes back to snapshot '${wanted}'`);
  const cannot = `VM '${name}' cannot go back to snapshot '${wanted}'`;
  const { pool, release } = await withWork(cannot, name, context, async (onFailure) => {
    const vm = await readVm(domain, context.hypervisor.places);
    refuseOnItsWay(name, vm.stored);
    refuseDestroyed(name, endOf(vm.stored));
    refuseIfProtected(name, vm.parsed, 'it does not go back to a snapshot');
    const record = vm.records.find((one) => one.name === wanted);
    if (record === undefined) throw unknownSnapshot(vm, wanted);
    if (vm.status.managedSave === true) {
      throw new PlowError('operation', `the memory of VM '${name}' was saved, and would not fit its disks`, {
        hint: `plow start ${shellArgument(name)} lets it go on first`,
      });
    }
    const open = await openVm(vm, context, onFailure);
    const reason = whyNot(record, open.chains);
    if (reason !== undefined) throw new PlowError('operation', `${cannot}: ${reason}`);
    context.making(true);
    await goBack(domain, { vm, open, record }, context, onFailure);
    context.settled();
    return open;
  });
  progress.done(`VM '${name}' is back at snapshot '${wanted}'`);
  await sweepAfter(domain, pool, context);
  await closeVm({ pool, release }, context);
  return 'changed';
}

interface GoingBack {
  readonly vm: SnapshotVm;
  readonly open: OpenVm;
  readonly record: SnapshotRecord;
}

async function goBack(
  domain: Domain,
  { vm, open: { pool }, record }: GoingBack,
  context: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { name, document, nvram, directory } = vm;
  const { hypervisor } = context;
  const overlays = planOverlays(record.disks, directory, context.newUuid());
  await makeOverlays(overlays, pool, context, onFailure);
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  if (vm.status.active) {
    onFailure(`VM '${name}', which is off now`, () => domain.start());
    await forceOff(domain);
  }
  if (nvram !== undefined) {
    const kept = await keptVariables(record.name, pool);
    const before = await readVariables(vm, nvram, context);
    onFailure(`UEFI variables ${nvram}`, () => writeVariables(nvram, before.bytes, context));
    await writeVariables(nvram, kept, context);
  }
  const define = async (xml: string): Promise<void> => {
    const defined = await hypervisor.defineDomain(xml);
    defined[Symbol.dispose]();
  };
  onFailure(`the disks of VM '${name}'`, () => define(document));
  await define(withOverlays(document, overlays));
  const former = vm.records.find((one) => one.name === vm.current);
  if (former !== undefined && former.name !== record.name)
    onFailure(`snapshot ${former.name} as the current one`, () => domain.keepSnapshot(former.xml));
  if (former?.name !== record.name) await domain.keepSnapshot(record.xml);
  if (vm.status.active) await domain.start();
}
