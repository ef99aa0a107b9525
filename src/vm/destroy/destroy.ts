import { PlowError } from '../../errors/plow-error.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { hasDomainId } from '../../libvirt-xml/domain/read.ts';
import type { VmContext } from '../context.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { dataToKeep, NOTHING } from './keep-data.ts';
import { assertStorageAnswers, removeStorage } from './storage.ts';
import type { Removed } from './storage.ts';
import { describeTarget } from './target.ts';
import type { DestroyTarget } from './target.ts';
import { explaining } from '../failure.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { standing, throwIfInterrupted } from '../interruption.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import { whatIsLeft } from '../ownership/nvram.ts';
import type { Nvram } from '../ownership/nvram.ts';
import { stopDomain } from '../lifecycle/stop.ts';
import { doesNotExist, findVm, unknownVm } from '../list/unknown-vm.ts';

export interface DestroyOptions {
  /** How long the guest may take to shut down; 0: the plug is pulled at once. */
  readonly graceMs?: number;
  /** Its data disks stay where they are: all but the one that it starts from. */
  readonly keepsData?: boolean;
  /** With keepsData: though what a TPM remembers goes. */
  readonly dropsTpm?: boolean;
  /** That there is no such VM is no error. */
  readonly ifExists?: boolean;
  /**
   * Where several are destroyed at once: guests are waited for together, files are looked at and removed for
   * one VM after the other.
   */
  readonly inTurn?: <T>(work: () => Promise<T>) => Promise<T>;
  /**
   * Of a VM that is off and goes only while that is so: throws where it is not any more. Asked before each
   * step that takes something away; nothing is stopped.
   */
  readonly stillGoes?: () => Promise<void>;
}

/** What became of a VM that is gone. */
export interface DestroyedVm {
  readonly name: string;
  readonly uuid: string;
  /** Those that it was made with. */
  readonly addresses: readonly string[];
  /** What was not removed, and why. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * Stops a VM and removes it with its own files: those in its directory that its document names, its NVRAM,
 * and the directory once it is empty. What is left is named. The domain goes last, so that a destroy
 * that failed half way can be run again.
 * @param wanted its name or UUID, or the VM itself, which is disposed of
 * @returns undefined where there was none, and needed not be
 * @throws PlowError, Interrupted
 */
export async function destroyVm(
  wanted: string | Domain,
  context: VmContext,
  options: DestroyOptions = {},
): Promise<DestroyedVm | undefined> {
  const name = typeof wanted === 'string' ? wanted : wanted.name;
  using found = typeof wanted === 'string' ? await findVm(wanted, context.hypervisor) : wanted;
  if (found !== undefined) return await destroyDomain(found, context, options);
  const { ifExists = false, inTurn = atOnce } = options;
  await inTurn(() => stopLentPools(context));
  if (!ifExists) throw await unknownVm(name, context.hypervisor);
  context.progress.note(`${doesNotExist(name)}: nothing to destroy`);
  return undefined;
}

const atOnce = <T>(work: () => Promise<T>): Promise<T> => work();

async function destroyDomain(
  domain: Domain,
  context: VmContext,
  { graceMs, keepsData = false, dropsTpm = false, inTurn = atOnce, stillGoes }: DestroyOptions,
): Promise<DestroyedVm> {
  const { progress } = context;
  const { name, uuid } = domain;
  progress.title(`Destroying VM '${name}'...`);
  progress.begin('Stopping the VM');
  const target = await describeTarget(domain, context, stillGoes);
  refuseOnItsWay(name, target.stored);
  refuseIfProtected(name, [target.stored, target.live], 'it is not destroyed');
  const before = keepsData ? await dataToKeep(target, context, dropsTpm) : NOTHING;
  if (keepsData && before.size === 0) progress.note(`VM '${name}' has no data disk: nothing is kept`);
  // libvirt gives a number to those that run.
  const isOff = !hasDomainId(target.live);
  if (stillGoes === undefined) {
    if (!isOff) await assertStorageAnswers(target, context);
    await stopDomain(domain, context, graceMs);
  }
  await explaining(target.assertSameVm(), 'operation', `cannot look up VM '${name}'`);
  progress.done(isOff ? 'VM was off' : 'VM stopped');
  const left = await inTurn(async () => {
    // It may have other disks by now, or a snapshot on them.
    const now = keepsData ? await dataNow(domain, context, dropsTpm) : NOTHING;
    return removeVm(domain, { target, keep: new Set([...before, ...now]) }, context, stillGoes);
  });
  progress.success(`Successfully destroyed VM '${name}'`);
  const interfaces = target.metadata?.declared.interfaces ?? [];
  return { name, uuid, left, addresses: interfaces.map(({ address }) => address) };
}

/** @throws PlowError as dataToKeep, of a VM that is off by now */
async function dataNow(domain: Domain, context: VmContext, dropsTpm: boolean): Promise<ReadonlySet<string>> {
  try {
    return await dataToKeep(await describeTarget(domain, context), context, dropsTpm);
  } catch (error) {
    if (error instanceof PlowError)
      context.progress.note(`VM '${domain.name}' is off, and all its files are there`);
    throw error;
  }
}

/**
 * All but the guest of a VM, which is off.
 * @param keep paths of files that stay all the same @returns what is left, and why
 * @throws PlowError, Interrupted
 */
export async function removeVm(
  domain: Domain,
  { target, keep }: { readonly target: DestroyTarget; readonly keep: ReadonlySet<string> },
  context: VmContext,
  stillGoes?: DestroyOptions['stillGoes'],
): Promise<ReadonlyMap<string, string>> {
  const { progress } = context;
  const { name } = domain;
  progress.begin('Removing storage');
  throwIfInterrupted(context, `VM '${name}' is off, and all its files are there`);
  const removing = removeStorage(target, keep, context);
  const removed = await standing(removing, `VM '${name}' is off, and some of its files may be gone`);
  const { left, nvram } = removed;
  throwIfInterrupted(context, `VM '${name}' is off, and its files are gone; its domain is there`);
  context.settled();
  const keepNvram = nvram?.kept !== undefined;
  try {
    if (stillGoes !== undefined)
      await explaining(target.assertSameVm(), 'operation', `cannot look up VM '${name}'`);
    await explaining(undefine(domain, keepNvram, target), 'operation', `cannot undefine VM '${name}'`);
  } catch (error) {
    tellLeft(left, context);
    throw error;
  }
  progress.done('Domain undefined');
  progress.done(whatWent(removed));
  tellOddities(target, removed, context);
  if (nvram !== undefined && !keepNvram) await checkNvram(name, nvram, context);
  tellLeft(left, context);
  // A create that died may have left some; those of others who work just now are better left alone.
  if (target.metadata?.status === 'creating') await stopLentPools(context);
  return left;
}

/** Nothing is said of a file that belongs to a VM which was made anew under the name meanwhile. */
async function checkNvram(name: string, nvram: Nvram, context: VmContext): Promise<void> {
  const words = await whatIsLeft(nvram, context);
  if (words === undefined) return;
  using successor = await context.hypervisor.findDomain(name).catch(() => undefined);
  if (successor === undefined) context.progress.note(words);
}

function whatWent({ some, left }: Removed): string {
  if (some) return 'Storage removed';
  return left.size > 0 ? 'No storage removed' : 'No storage to remove';
}

/** What a person who expected an ordinary VM of plow's would want to know. */
function tellOddities(
  { name, metadata }: DestroyTarget,
  { missing, snapshots }: Removed,
  { progress }: VmContext,
): void {
  if (metadata === undefined) progress.note(`VM '${name}' was not made by plow`);
  if (snapshots > 0) progress.note(`${snapshots} snapshot${snapshots === 1 ? '' : 's'} went with it`);
  for (const what of missing) progress.note(`${what} was not there`);
}

function tellLeft(left: ReadonlyMap<string, string>, { progress }: VmContext): void {
  for (const [what, reason] of left) progress.note(`left: ${what} (${reason})`);
}

/** A domain that is not persistent went away when it stopped; else somebody else was faster. */
async function undefine(domain: Domain, keepNvram: boolean, { assertSameVm }: DestroyTarget): Promise<void> {
  try {
    await domain.undefine({ keepNvram });
  } catch (error) {
    if (!isReason(error, 'not-found')) throw error;
    await assertSameVm();
  }
}
