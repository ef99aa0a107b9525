import { isReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { VmContext } from './context.ts';
import { removedMeanwhile, removeStorage } from './destroy-storage.ts';
import { explain, explaining } from './failure.ts';
import type { Domain } from './hypervisor.ts';
import { whatIsLeft } from './nvram.ts';
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
    throw new PlowError('operation', `VM '${name}' does not exist`, { hint: await otherName(name, context) });
  }
  progress.title(`Destroying VM '${name}'...`);
  progress.begin('Stopping the VM');
  const documents = await readDocuments(domain);
  await stopDomain(domain, context);
  progress.done('VM stopped');

  progress.begin('Removing storage');
  context.signal.throwIfAborted();
  const { left, nvram } = await removeStorage(name, documents, context);
  context.signal.throwIfAborted();
  context.settled();
  const keepNvram = nvram?.kept !== undefined;
  await explaining(undefine(domain, keepNvram), 'operation', `cannot undefine VM '${name}'`);
  progress.done('Domain undefined');
  progress.done('Storage removed');
  const ofNvram = nvram === undefined || keepNvram ? undefined : await whatIsLeft(nvram, context);
  if (ofNvram !== undefined) progress.note(ofNvram);
  for (const [what, reason] of left) progress.note(`left: ${what} (${reason})`);
  progress.success(`Successfully destroyed VM '${name}'`);
}

/** plow makes names lower case. */
async function otherName(name: string, { hypervisor }: VmContext): Promise<string> {
  const lower = name.toLowerCase();
  const looking = hypervisor.findDomain(lower);
  const found = await explaining(looking, 'operation', 'cannot look up the VM');
  return found === undefined ? 'plow list --all shows the VMs there are' : `did you mean '${lower}'?`;
}

/** As stored and, for a running VM, as it runs: a disk may have been plugged in meanwhile. */
async function readDocuments(domain: Domain): Promise<{ stored: string; live: string }> {
  try {
    return { stored: await domain.xml('stored'), live: await domain.xml('live') };
  } catch (error) {
    if (isReason(error, 'not-found')) throw removedMeanwhile(domain.name, error);
    throw explain(error, 'operation', `cannot read the document of VM '${domain.name}'`);
  }
}

/** A transient domain went away when it stopped. */
async function undefine(domain: Domain, keepNvram: boolean): Promise<void> {
  try {
    await domain.undefine({ keepNvram });
  } catch (error) {
    if (!isReason(error, 'not-found')) throw error;
  }
}
