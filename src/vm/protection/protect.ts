import type { Domain } from '../../hypervisor/domain.ts';
import { GUARD_NAMESPACE, isProtected } from '../../libvirt-xml/metadata/guard.ts';
import { guardElement } from '../../libvirt-xml/metadata/write.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';
import { refuseOnItsWay } from './on-its-way.ts';

/**
 * Has plow refuse whatever loses data of a VM, or refuse it no more. Two round trips.
 * @returns false where it was so already
 * @throws PlowError (operation), Interrupted
 */
export async function protectVm(domain: Domain, context: VmContext, on: boolean): Promise<boolean> {
  const { name, uuid } = domain;
  const { progress } = context;
  progress.begin(`Changing VM '${name}'`);
  try {
    const document = readDocument({ name, xml: await domain.xml('stored') });
    if (isProtected(document) === on) {
      progress.note(`VM '${name}' is ${on ? 'protected already' : 'not protected'}`);
      return false;
    }
    refuseOnItsWay(name, document);
    throwIfInterrupted(context, `VM '${name}' is as it was`);
    await domain.setMetadata(on ? guardElement(uuid) : undefined, GUARD_NAMESPACE);
  } catch (error) {
    throw explainOfVm(error, name, `cannot ${on ? 'protect' : 'unprotect'} VM '${name}'`);
  }
  progress.done(`VM '${name}' is ${on ? 'protected' : 'not protected any more'}`);
  return true;
}
