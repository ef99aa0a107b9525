import { nearest } from '../config/nearest.ts';
import { PlowError } from '../errors/plow-error.ts';
import { explaining } from './failure.ts';
import type { Domain, Hypervisor } from './hypervisor.ts';
import { listNames } from './list.ts';

/** RFC 9562, as libvirt and virsh write it, in any case. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * The VM of that name; where there is none, the one of that UUID, which costs a round trip only where it looks like one. Undefined
 * where there is neither. @throws PlowError (operation)
 */
export async function findVm(
  nameOrUuid: string,
  hypervisor: Hypervisor,
  cannot = 'cannot look up the VM',
): Promise<Domain | undefined> {
  const named = await explaining(hypervisor.findDomain(nameOrUuid), 'operation', cannot);
  if (named !== undefined || !UUID.test(nameOrUuid)) return named;
  return explaining(hypervisor.findDomainByUuid(nameOrUuid), 'operation', cannot);
}

/** That there is no such VM, and which may have been meant. @throws PlowError where the VMs cannot be listed */
export async function unknownVm(name: string, hypervisor: Hypervisor): Promise<PlowError> {
  const names = await explaining(listNames(hypervisor, { all: true }), 'operation', 'cannot list the VMs');
  const meant = nearest(name, names);
  return new PlowError('operation', `VM '${name}' does not exist`, {
    hint: meant === undefined ? 'plow list --all shows the VMs there are' : `did you mean '${meant}'?`,
  });
}
