import type { Domain } from '../../hypervisor/domain.ts';
import { REBUILD_NAMESPACE, rebuildElement } from '../../libvirt-xml/metadata/rebuild.ts';
import type { Rebuild } from '../../libvirt-xml/metadata/rebuild.ts';
import type { VmContext } from '../context.ts';
import { startVm } from '../lifecycle/power.ts';

/** Steps that a rebuild and its undoing share. */

/** Has the VM say what is under way; undefined: nothing is. @throws HypervisorError */
export function record(domain: Domain, rebuild: Rebuild | undefined): Promise<void> {
  const element = rebuild && rebuildElement(domain.uuid, rebuild);
  return domain.setMetadata(element, REBUILD_NAMESPACE);
}

/** @throws HypervisorError */
export async function define(document: string, { hypervisor }: VmContext): Promise<void> {
  const defined = await hypervisor.defineDomain(document);
  defined[Symbol.dispose]();
}

/** For a rollback: one that runs already is as good. @throws HypervisorError */
export async function startAgain(domain: Domain): Promise<void> {
  if ((await domain.state()) === 'shut off') await domain.start();
}

/** Starts a VM that is off. @throws PlowError, Interrupted */
export async function startIfOff(domain: Domain, context: VmContext): Promise<void> {
  if ((await domain.state()) === 'shut off') await startVm(domain, context);
}
