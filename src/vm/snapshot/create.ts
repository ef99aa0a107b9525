import { PlowError } from '../../errors/plow-error.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { withOverlays } from '../../libvirt-xml/snapshot/layers.ts';
import type { Overlay } from '../../libvirt-xml/snapshot/layers.ts';
import { snapshotXml } from '../../libvirt-xml/snapshot/write.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { refuseDestroyed } from '../lifecycle/power.ts';
import type { Changed } from '../lifecycle/power.ts';
import type { OnFailure } from '../rollback.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import { isHalfDone, whyNoNew } from './chains.ts';
import { closeVm, openVm } from './directory.ts';
import type { OpenVm } from './directory.ts';
import { readVm } from './look.ts';
import type { SnapshotVm } from './look.ts';
import { keepVariables, readVariables } from './nvram.ts';
import type { Variables } from './nvram.ts';
import { makeOverlays, planOverlays } from './overlays.ts';
import { sweepAfter } from './spare.ts';
import { withWork } from './work.ts';

export interface SnapshotWish {
  readonly name: string;
  readonly description: string | undefined;
  /** That there is one of the name already is no error. */
  readonly ifMissing: boolean;
}

/** States in which a VM has a QEMU that can go on in other files. */
const ON: ReadonlySet<string> = new Set(['running', 'idle', 'paused']);

/**
 * Keeps the disks of a VM, and its UEFI variables, as they are: from now on it writes to new files.
 * @throws PlowError, Interrupted
 */
export async function createSnapshot(
  domain: Domain,
  wish: SnapshotWish,
  context: VmContext,
): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Taking snapshot '${wish.name}' of VM '${name}'`);
  const cannot = `cannot take a snapshot of VM '${name}'`;
  const { pool, release, isTaken } = await withWork(cannot, name, context, async (onFailure) => {
    const vm = await readVm(domain, context.hypervisor.places);
    refuseOnItsWay(name, vm.stored);
    refuseDestroyed(name, endOf(vm.stored));
    const same = vm.records.find((record) => record.name === wish.name);
    const isDead = same !== undefined && isHalfDone(same, vm.disks);
    const isThere = same !== undefined && !isDead;
    if (isThere && !wish.ifMissing) throw nameTaken(name, wish.name);
    if (!isThere) refuse(vm);
    const open = await openVm(vm, context, onFailure);
    if (isThere) return { ...open, isTaken: false };
    const reason = whyNoNew(open.chains);
    if (reason !== undefined) throw noSnapshot(name, reason);
    context.making(true);
    if (isDead) await domain.forgetSnapshot(wish.name);
    await take(
      domain,
      { vm: isDead ? await readVm(domain, context.hypervisor.places) : vm, open, wish },
      context,
      onFailure,
    );
    context.settled();
    return { ...open, isTaken: true };
  });
  if (isTaken) progress.done(`Snapshot '${wish.name}' of VM '${name}' taken`);
  else {
    progress.note(`VM '${name}' has a snapshot '${wish.name}' already`);
    // The one that took it may have been killed while it looked at UEFI variables.
    await stopLentPools(context);
  }
  await sweepAfter(domain, pool, context);
  await closeVm({ pool, release }, context);
  return isTaken ? 'changed' : 'unchanged';
}

/** What could not be gone back to is not taken. @throws PlowError */
function refuse({ name, status, hasTpm }: SnapshotVm): void {
  if (hasTpm) throw noSnapshot(name, 'it has a TPM, whose state could not be kept with it');
  if (!status.persistent) throw noSnapshot(name, 'it is gone once it stops');
  if (status.managedSave === true)
    throw noSnapshot(name, 'its memory was saved', `plow start ${shellArgument(name)} lets it go on first`);
  if (status.active ? !ON.has(status.state) : status.state !== 'shut off')
    throw noSnapshot(name, `it is ${status.state}`);
}

function nameTaken(name: string, snapshot: string): PlowError {
  return new PlowError('operation', `VM '${name}' has a snapshot '${snapshot}' already`, {
    hint: '--if-missing takes that for no error',
  });
}

function noSnapshot(name: string, why: string, hint?: string): PlowError {
  const message = `no snapshot of VM '${name}' can be taken: ${why}`;
  return new PlowError('operation', message, hint === undefined ? {} : { hint });
}

interface Taking {
  readonly vm: SnapshotVm;
  readonly open: OpenVm;
  readonly wish: SnapshotWish;
}

async function take(
  domain: Domain,
  { vm, open: { pool }, wish }: Taking,
  context: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { nvram, directory, disks, status } = vm;
  const variables = nvram === undefined ? undefined : await readVariables(vm, nvram, context);
  if (variables !== undefined) await keepVariables(variables.bytes, wish.name, pool, onFailure);
  const overlays = planOverlays(disks, directory, context.newUuid());
  await makeOverlays(overlays, pool, context, onFailure);
  throwIfInterrupted(context, `VM '${vm.name}' is as it was`);
  if (status.active) await takeLive(domain, vm, { wish, overlays }, context);
  else await takeStill(domain, vm, { wish, overlays }, context, onFailure);
  if (nvram !== undefined && variables !== undefined && status.active)
    await tellIfWritten(vm, nvram, variables, context);
}

interface Planned {
  readonly wish: SnapshotWish;
  readonly overlays: ReadonlyMap<string, Overlay>;
}

function pathsOf(overlays: Planned['overlays']): ReadonlyMap<string, string> {
  return new Map([...overlays].map(([target, { path }]) => [target, path] as const));
}

/** libvirt has QEMU go on in the new files, all at the same moment. */
async function takeLive(
  domain: Domain,
  { status, hasAgent }: SnapshotVm,
  { wish, overlays }: Planned,
  { progress }: VmContext,
): Promise<void> {
  const xml = snapshotXml({ ...wish, overlays: pathsOf(overlays) });
  const canFreeze = hasAgent && status.state !== 'paused';
  let why = hasAgent ? 'it is suspended' : 'it has no guest agent that answers';
  if (canFreeze) {
    try {
      await domain.takeSnapshot(xml, { quiesce: true });
      progress.note('the guest held its file systems still: the snapshot is consistent');
      return;
    } catch (error) {
      if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
      why = error.message;
    }
  }
  await domain.takeSnapshot(xml, { quiesce: false });
  progress.note(`the guest was not asked to hold still (${why}): its disks are as after a power cut`);
}

/**
 * Of a VM that is off. libvirt would not write the chain down, and give the base image to QEMU's user at the
 * next start. Should plow die before the last step, the snapshot counts as half done.
 */
async function takeStill(
  domain: Domain,
  { document, current }: SnapshotVm,
  { wish, overlays }: Planned,
  { hypervisor, now }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const define = async (xml: string): Promise<void> => {
    const defined = await hypervisor.defineDomain(xml);
    defined[Symbol.dispose]();
  };
  const taken = { createdAt: Math.floor(now().getTime() / 1000), parent: current, domain: document };
  onFailure(`snapshot ${wish.name}`, () => domain.forgetSnapshot(wish.name));
  await domain.keepSnapshot(snapshotXml({ ...wish, overlays: pathsOf(overlays) }, taken));
  onFailure(`the layers of VM '${domain.name}'`, () => define(document));
  await define(withOverlays(document, overlays));
}

async function tellIfWritten(
  vm: SnapshotVm,
  nvram: string,
  { mark }: Variables,
  context: VmContext,
): Promise<void> {
  const after = await readVariables(vm, nvram, context).catch(() => undefined);
  if (after?.mark === mark) return;
  context.progress.note(
    'the guest wrote UEFI variables meanwhile: their copy is of a moment before its disks',
  );
}
