import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { diskToDetach } from '../../libvirt-xml/domain/devices/disk.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { watchGuest } from './let-go.ts';
import { look, ofVm, writeDown } from './look.ts';
import type { Seen } from './look.ts';

/**
 * Takes a data disk from a VM; its file stays, and is named. A guest that runs has to let it go: one that
 * does not has it until its next start.
 * @throws PlowError (operation) @throws Interrupted
 */
export async function detachDisk(domain: Domain, context: VmContext, target: string): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Changing VM '${name}'`);
  const seen = await look(domain);
  const { stored, live, metadata } = seen;
  refuseIfProtected(name, seen.documents, 'its disks are not detached');
  const disk = stored.disks.find((one) => one.target === target);
  const isDeclared = metadata?.declared.dataDisks.some(({ device }) => device === target) === true;
  if (disk === undefined && !isDeclared) {
    progress.note(`VM '${name}' has no disk ${target}`);
    return 'unchanged';
  }
  refuseSystemDisk(seen, target);
  const has = ({ disks }: DomainFacts): boolean => disks.some((one) => one.target === target);
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  using guest = live === undefined ? undefined : await watchGuest(domain, context);
  if (disk !== undefined) {
    const runs = live?.disks.some((one) => one.target === target && one.source === disk.source) === true;
    const detaching = domain.detachDevice(diskToDetach(disk, target), runs ? ['stored', 'live'] : ['stored']);
    await ofVm(detaching, name);
  }
  if (isDeclared) await ofVm(writeDown(domain, { removed: target }), name);
  progress.done(`VM '${name}' has no disk ${target} any more`);
  const isLetGo = await guest?.hasLetGo(has);
  const keeps = 'guest may have it until its next start';
  if (isLetGo === false)
    throwIfInterrupted(context, `VM '${name}' has no disk ${target} any more, but its ${keeps}`);
  if (isLetGo === false)
    progress.note(`the guest of VM '${name}' did not let disk ${target} go: it has it until its next start`);
  const path = disk?.source;
  if (path !== undefined) progress.note(`left: ${path} (the disk's file)`);
  return 'changed';
}

/** The disk that a VM boots from, and its seed. @throws PlowError */
function refuseSystemDisk({ domain: { name }, stored }: Seen, target: string): void {
  const disk = stored.disks.find((one) => one.target === target);
  const first = stored.disks.find(({ device }) => device === 'disk')?.target;
  const what =
    disk !== undefined && disk.device !== 'disk'
      ? `it is a ${disk.device}`
      : target === 'vda' || target === first
        ? 'the VM boots from it'
        : undefined;
  if (what === undefined) return;
  throw new PlowError('operation', `disk ${target} of VM '${name}' cannot be detached: ${what}`);
}
