import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { withFile, withLayers, withMetadata } from '../../libvirt-xml/change/document.ts';
import { changedMetadata } from '../../libvirt-xml/metadata/change.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import { REBUILD_NAMESPACE, rebuildElement } from '../../libvirt-xml/metadata/rebuild.ts';
import type { Rebuild } from '../../libvirt-xml/metadata/rebuild.ts';
import { parseXml } from '../../libvirt-xml/read/parse.ts';
import { readBootDisk } from '../../libvirt-xml/read/used-files.ts';
import { provisioningFileOf } from '../../config/vm-paths.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { stopVm } from '../lifecycle/power.ts';
import type { Changed, StopOptions } from '../lifecycle/power.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { lookAt } from '../storage/find-volume.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import { closeOwn, openOwn, sweepAfter } from './directory.ts';
import { lookAtOwn } from './look.ts';
import type { OwnVm } from './look.ts';
import { define, record, startAgain, startIfOff } from './steps.ts';

export interface UndoOptions extends StopOptions {
  /** It runs afterwards if it ran before it was rebuilt, and not because it runs now. */
  readonly asItWas?: boolean;
}

/**
 * Gives a VM the disk and the seed back that it had before it was rebuilt, and removes the new ones with all
 * that was written to them. One that ran runs again. Of a rebuild that did not end it takes back what was
 * done. Killed at any point, the same call again does the rest.
 * @param stop how a VM that runs is stopped @param domain the caller disposes of it
 * @throws PlowError (operation, storage) @throws Interrupted
 */
export async function undoRebuild(domain: Domain, stop: UndoOptions, context: VmContext): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  const cannot = `VM '${name}' cannot have its old disk back`;
  progress.begin(`VM '${name}' gets its old disk back`);
  try {
    const vm = await lookAtOwn(domain, cannot);
    const { rebuild } = vm;
    if (rebuild === undefined) {
      progress.note(`VM '${name}' has no old disk`);
      return 'unchanged';
    }
    refuseIfProtected(name, [vm.stored, vm.live ?? vm.stored], 'it does not get its old disk back');
    if (rebuild.state === 'kept') {
      throw new PlowError('operation', `${cannot}: it is being removed`, {
        hint: `plow rebuild ${shellArgument(name)} --drop-old does the rest`,
      });
    }
    const opened = await withRollback(
      async (onFailure) => {
        const directory = await openOwn(vm, context, onFailure);
        if (rebuild.state === 'tried')
          await goBack(vm, rebuild, { pool: directory.pool, stop, onFailure }, context);
        return directory;
      },
      async (left) => progress.note(`could not take back: ${left.join(', ')}`),
    );
    if (rebuild.runs || (vm.status.active && stop.asItWas !== true)) await startIfOff(domain, context);
    const isSwept = await sweepAfter(vm, opened.pool, context);
    await closeOwn(opened, context);
    await stopLentPools(context);
    if (!isSwept)
      throw new PlowError(
        'storage',
        `what is new of VM '${name}' is still there: the same command does the rest`,
      );
    await record(domain, undefined);
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
  progress.done(`VM '${name}' has its old disk again`);
  return 'changed';
}

interface GoingBack {
  readonly pool: Pool;
  readonly stop: UndoOptions;
  readonly onFailure: OnFailure;
}

/** The new files count as left over from the one call on that defines the VM without them. */
async function goBack(
  { domain, status, metadata }: OwnVm,
  rebuild: Rebuild,
  { pool, stop, onFailure }: GoingBack,
  context: VmContext,
): Promise<void> {
  const { name } = domain;
  if ((await domain.snapshotCount()) > 0) {
    throw new PlowError('operation', `VM '${name}' has snapshots, which hold its new disk`, {
      hint: 'plow snapshot delete forgets them',
    });
  }
  for (const path of rebuild.old.paths) {
    using found = await lookAt(pool, posix.basename(path), context);
    if (found === undefined) throw new PlowError('storage', `${path} is not there any more`);
  }
  throwIfInterrupted(context, `VM '${name}' has its new disk still`);
  if (status.active) {
    onFailure(`VM '${name}', which is off now`, () => startAgain(domain));
    await stopVm(domain, context, stop);
  }
  const text = await domain.wholeDocument();
  const runs = rebuild.runs || (status.active && stop.asItWas !== true);
  onFailure(`the boot disk of VM '${name}'`, () => define(text, context));
  await define(former(text, domain, { ...rebuild, state: 'begun', runs }, metadata), context);
}

function former(
  text: string,
  { name, uuid }: Domain,
  rebuild: Rebuild,
  { directory, declared }: OwnVm['metadata'],
): string {
  const { guestFile, format, layers, former: parts } = rebuild.old;
  const document = parseXml(text);
  const element = changedMetadata(document, { former: parts });
  const target = readBootDisk(document)?.target;
  if (element === undefined || target === undefined)
    throw new PlowError('operation', `VM '${name}' has no metadata, or no disk, any more`);
  const onOld = withLayers(text, target, { format, layers });
  const { provisioning } = declared;
  const told =
    provisioning === undefined || guestFile === undefined
      ? onOld
      : withFile(onOld, `${directory}/${provisioningFileOf(provisioning)}`, `${directory}/${guestFile}`);
  const own = withMetadata(told, 'vm', METADATA_NAMESPACE, element);
  return withMetadata(own, 'rebuild', REBUILD_NAMESPACE, rebuildElement(uuid, rebuild));
}
