import { posix } from 'node:path';
import type { MachineChange } from '../../libvirt-xml/metadata/change.ts';
import { changedMetadata, formerParts } from '../../libvirt-xml/metadata/change.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { Verdict } from '../../errors/verdict.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { layersOn, withFile, withLayers, withMetadata } from '../../libvirt-xml/change/document.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import { REBUILD_NAMESPACE, rebuildElement } from '../../libvirt-xml/metadata/rebuild.ts';
import type { Rebuild } from '../../libvirt-xml/metadata/rebuild.ts';
import { toStored } from '../../libvirt-xml/metadata/stored-vm.ts';
import { parseXml } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import type { VmPlace } from '../create/vm-place.ts';
import { createDisks } from '../create/volumes.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { stopVm } from '../lifecycle/power.ts';
import type { Changed, StopOptions } from '../lifecycle/power.ts';
import { forceOff } from '../lifecycle/shut-down.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { withRollback } from '../rollback.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import { waitForVm } from '../wait/wait.ts';
import type { WaitOptions } from '../wait/wait.ts';
import { closeOwn, openOwn, sweepAfter } from './directory.ts';
import { keepNew } from './keep.ts';
import { lookAtOwn } from './look.ts';
import type { OwnVm } from './look.ts';
import { planRebuild } from './plan.ts';
import type { ImageWish, Plan } from './plan.ts';
import { guestOf, guestPathOf } from './guest.ts';
import type { NewGuest } from './guest.ts';
import { define, record, startAgain, startIfOff } from './steps.ts';
import { undoRebuild } from './undo.ts';

const MARK_LENGTH = 8;

export interface RebuildWish extends ImageWish {
  /** Of a VM that runs. */
  readonly stop: StopOptions;
  /**
   * The VM is started, and the old disk goes once it has come so far, or comes back; undefined: it is kept.
   */
  readonly wait: WaitOptions | undefined;
}

/**
 * Gives a VM a new boot disk, made of an image. UUID, MAC addresses, addresses, data disks, UEFI variables,
 * TPM and the host keys that plow made stay; cloud-init and Ignition run again. The new files are made
 * beside the old ones, the VM is stopped, defined with them in one call, and started again where it ran. The
 * old disk and seed are kept, and named in the metadata, until the VM has proved itself or somebody says so:
 * with `wait` they go when it has, and come back when it has not, which is the Verdict that is thrown.
 *
 * A VM whose old disk is kept already is not rebuilt again: what is left to do of the last rebuild is done.
 * The caller has asked whoever is to be asked: what is on the boot disk is lost once the old one goes.
 * Killed at any point, the VM has one whole boot disk, and the same call again ends it.
 * @param domain the caller disposes of it
 * @throws Verdict of one that did not come up, and has its old disk again
 * @throws PlowError (operation, validation, storage) @throws Interrupted
 */
export async function rebuildVm(domain: Domain, wish: RebuildWish, context: VmContext): Promise<Changed> {
  const { name } = domain;
  const cannot = `cannot rebuild VM '${name}'`;
  const { progress } = context;
  progress.title(`Rebuilding VM '${name}'...`);
  progress.begin('Checking the image');
  let begun: Rebuild | undefined;
  try {
    const vm = await lookAtOwn(domain, cannot);
    refuseIfProtected(name, [vm.stored, vm.live ?? vm.stored], 'it is not rebuilt');
    begun = vm.rebuild;
    if (begun === undefined || begun.state === 'begun') await replace(vm, wish, context);
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
  if (begun?.state === 'kept') return keepNew(domain, context);
  if (begun?.state === 'tried') {
    progress.note(`VM '${name}' was rebuilt ${begun.since}, and its old disk is kept`);
    if (begun.runs) await startIfOff(domain, context);
  }
  const proved = await prove(domain, wish, context);
  return begun?.state === 'tried' && !proved ? 'unchanged' : 'changed';
}

/** @returns whether the old disk went @throws Verdict, PlowError, Interrupted */
async function prove(domain: Domain, { wait, stop }: RebuildWish, context: VmContext): Promise<boolean> {
  const { name } = domain;
  const { progress } = context;
  const argument = shellArgument(name);
  const later = `the old disk is kept: plow rebuild ${argument} --drop-old removes it, --undo brings it back`;
  if (wait === undefined) {
    progress.note(later);
    return false;
  }
  await startIfOff(domain, context);
  try {
    await waitForVm(domain, wait, context);
  } catch (error) {
    if (!(error instanceof Verdict)) {
      progress.note(later);
      throw error;
    }
    progress.note(`VM '${name}' did not come up with its new disk: the old one comes back`);
    // What the new disk has nobody needs.
    await undoRebuild(domain, { ...stop, isForced: true, asItWas: true }, context);
    throw error;
  }
  await keepNew(domain, context);
  return true;
}

async function replace(vm: OwnVm, wish: RebuildWish, context: VmContext): Promise<void> {
  const { domain, status, rebuild: begun } = vm;
  const { name } = domain;
  const { progress } = context;
  const mark = begun?.mark ?? context.newUuid().slice(-MARK_LENGTH);
  const plan = await planRebuild(vm, wish, mark, context);
  progress.done(`Image: ${plan.loaded.machine.bootDisk.image}`);
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  context.making(true);
  const opened = await withRollback(
    async (onFailure) => {
      const since = context.now().toISOString();
      const state = { state: 'begun', mark, since, runs: status.active || begun?.runs === true } as const;
      const now: Rebuild = { ...state, old: oldOf(vm, plan) };
      onFailure(`what VM '${name}' says of a rebuild`, () => record(domain, undefined));
      await record(domain, now);
      const directory = await openOwn(vm, context, onFailure);
      const place = { pool: directory.pool, uuid: domain.uuid, context, onFailure };
      await sweepAfter(vm, directory.pool, context);
      await exchange(vm, { plan, wish, now, place }, context);
      return directory;
    },
    async (left) =>
      progress.note(`left: ${left.join(', ')} (plow rebuild ${shellArgument(name)} --undo removes it)`),
  );
  await closeOwn(opened, context);
  await stopLentPools(context);
}

interface Exchange {
  readonly plan: Plan;
  readonly wish: RebuildWish;
  readonly now: Rebuild;
  readonly place: VmPlace;
}

async function exchange(vm: OwnVm, { plan, wish, now, place }: Exchange, context: VmContext): Promise<void> {
  const { domain, status } = vm;
  const { name } = domain;
  const { onFailure } = place;
  const { progress } = context;
  progress.begin('Making the new disk');
  await createDisks([plan.disk], plan.image, place);
  const guest = await guestOf(
    vm,
    { loaded: plan.loaded, isSaid: wish.file !== undefined, mark: now.mark },
    place,
  );
  progress.done(`New disk: ${plan.disk.path}`);
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  if (status.active) {
    onFailure(`VM '${name}', which is off now`, () => startAgain(domain));
    await stopVm(domain, context, wish.stop);
  }
  // As it is by now: it may have been changed since it was looked at.
  const text = await domain.wholeDocument();
  const document = rebuilt(text, vm, plan, guest, { ...now, state: 'tried' });
  onFailure(`the boot disk of VM '${name}'`, () => define(text, context));
  await define(document, context);
  progress.done(`VM '${name}' starts from its new disk`);
  for (const word of guest?.notes ?? []) progress.note(word);
  if (now.runs) {
    onFailure(`VM '${name}', perhaps running`, () => forceOff(domain));
    await startIfOff(domain, context);
  }
  context.settled();
}

function oldOf(vm: OwnVm, { old }: Plan): Rebuild['old'] {
  const { directory } = vm.metadata;
  const paths = old.paths.filter((path) => posix.dirname(path) === directory);
  const guestPath = guestPathOf(vm);
  const guestFile = guestPath === undefined ? undefined : posix.basename(guestPath);
  return { paths, guestFile, format: old.format, layers: old.text, former: formerParts(vm.stored) };
}

/** The document of the VM with its new disk, and with what it says of it. */
function rebuilt(
  text: string,
  { domain, stored }: OwnVm,
  { loaded, disk, image, old }: Plan,
  guest: NewGuest | undefined,
  tried: Rebuild,
): string {
  const { bootDisk, image: known } = toStored(loaded.machine);
  const before = formerParts(stored).bootDisk;
  const { sizeGib, image: path, imageFormat, format } = bootDisk;
  const boot = { ...Object(before), sizeGib, image: path, imageFormat, format, file: disk.name };
  const change: MachineChange = {
    boot: { bootDisk: boot, image: known },
    ...(guest === undefined ? {} : { guest: guest.change }),
  };
  const element = changedMetadata(parseXml(text), change);
  if (element === undefined) throw new PlowError('operation', `the metadata of VM '${domain.name}' are gone`);
  const base = format === 'qcow2' && path !== undefined ? { image: path, format: image.format } : undefined;
  const onNew = withLayers(text, old.target, { format, layers: layersOn(disk.path, base) });
  const told = guest === undefined ? onNew : withFile(onNew, guest.before, guest.path);
  const own = withMetadata(told, 'vm', METADATA_NAMESPACE, element);
  return withMetadata(own, 'rebuild', REBUILD_NAMESPACE, rebuildElement(domain.uuid, tried));
}
