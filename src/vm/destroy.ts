import { isReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { metadataInDomain } from '../libvirt-xml/read-metadata.ts';
import type { VmContext } from './context.ts';
import { removedMeanwhile, removeStorage } from './destroy-storage.ts';
import type { Doomed } from './destroy-storage.ts';
import { explain, explaining } from './failure.ts';
import type { Domain } from './hypervisor.ts';
import { standing, throwIfInterrupted } from './interruption.ts';
import { stopLentPools } from './lent-pool.ts';
import { whatIsLeft } from './nvram.ts';
import type { Nvram } from './nvram.ts';
import { stopDomain } from './stop.ts';

/**
 * Stops a VM and removes it with its own files: those in its directory that its document names, its NVRAM,
 * and the directory once it is empty. What is left is named. The domain goes last, so that a destroy
 * that failed half way can be run again. @throws PlowError, Interrupted
 */
export async function destroyVm(name: string, context: VmContext): Promise<void> {
  const { hypervisor, progress } = context;
  const domain = await explaining(hypervisor.findDomain(name), 'operation', 'cannot look up the VM');
  if (domain === undefined) {
    await stopLentPools(context);
    throw new PlowError('operation', `VM '${name}' does not exist`, { hint: await otherName(name, context) });
  }
  progress.title(`Destroying VM '${name}'...`);
  progress.begin('Stopping the VM');
  const doomed = await describe(domain, context);
  await stopDomain(domain, context);
  await explaining(doomed.stillThere(), 'operation', `cannot look up VM '${name}'`);
  progress.done('VM stopped');

  progress.begin('Removing storage');
  throwIfInterrupted(context, `VM '${name}' is off, and all its files are there`);
  const removing = removeStorage(doomed, context);
  const { left, nvram } = await standing(removing, `VM '${name}' is off, and some of its files may be gone`);
  throwIfInterrupted(context, `VM '${name}' is off, and its files are gone; its domain is there`);
  context.settled();
  const keepNvram = nvram?.kept !== undefined;
  try {
    await explaining(undefine(domain, keepNvram, doomed), 'operation', `cannot undefine VM '${name}'`);
  } catch (error) {
    tellLeft(left, context);
    throw error;
  }
  progress.done('Domain undefined');
  progress.done('Storage removed');
  if (nvram !== undefined && !keepNvram) await checkNvram(name, nvram, context);
  tellLeft(left, context);
  // A create that died may have left some; those of others who work just now are better left alone.
  if (metadataInDomain(doomed.stored)?.status === 'creating') await stopLentPools(context);
  progress.success(`Successfully destroyed VM '${name}'`);
}

/** Nothing is said of a file that belongs to a VM which was made anew under the name meanwhile. */
async function checkNvram(name: string, nvram: Nvram, context: VmContext): Promise<void> {
  const words = await whatIsLeft(nvram, context);
  if (words === undefined) return;
  const successor = await context.hypervisor.findDomain(name).catch(() => undefined);
  if (successor === undefined) context.progress.note(words);
}

function tellLeft(left: ReadonlyMap<string, string>, { progress }: VmContext): void {
  for (const [what, reason] of left) progress.note(`left: ${what} (${reason})`);
}

/**
 * As stored and, for a running VM, as it runs: a disk may have been plugged in meanwhile. A VM is known by its UUID: one
 * that is destroyed and made anew under the same name while this destroy runs is another one.
 */
async function describe(domain: Domain, { hypervisor }: VmContext): Promise<Doomed> {
  const { name, uuid } = domain;
  try {
    const stored = await domain.xml('stored');
    const live = await domain.xml('live');
    const persistent = await domain.isPersistent();
    const stillThere = async (): Promise<void> => {
      const found = await hypervisor.findDomain(name);
      // A domain that is not persistent goes away by itself when it stops.
      if (found === undefined ? persistent : found.uuid !== uuid) throw removedMeanwhile(name);
    };
    return { name, uuid, stored, live, stillThere };
  } catch (error) {
    if (isReason(error, 'not-found')) throw removedMeanwhile(name, error);
    throw explain(error, 'operation', `cannot read the document of VM '${name}'`);
  }
}

/** plow makes names lower case. */
async function otherName(name: string, { hypervisor }: VmContext): Promise<string> {
  const lower = name.toLowerCase();
  const looking = hypervisor.findDomain(lower);
  const found = await explaining(looking, 'operation', 'cannot look up the VM');
  return found === undefined ? 'plow list --all shows the VMs there are' : `did you mean '${lower}'?`;
}

/** A domain that is not persistent went away when it stopped; else somebody else was faster. */
async function undefine(domain: Domain, keepNvram: boolean, { stillThere }: Doomed): Promise<void> {
  try {
    await domain.undefine({ keepNvram });
  } catch (error) {
    if (!isReason(error, 'not-found')) throw error;
    await stillThere();
  }
}
