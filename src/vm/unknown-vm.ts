import { nearest } from '../config/nearest.ts';
import { PlowError } from '../errors/plow-error.ts';
import { explaining } from './failure.ts';
import type { Hypervisor } from './hypervisor.ts';
import { listNames } from './list.ts';

/** That there is no such VM, and which may have been meant. @throws PlowError where the VMs cannot be listed */
export async function unknownVm(name: string, hypervisor: Hypervisor): Promise<PlowError> {
  const names = await explaining(listNames(hypervisor, { all: true }), 'operation', 'cannot list the VMs');
  const meant = nearest(name, names);
  return new PlowError('operation', `VM '${name}' does not exist`, {
    hint: meant === undefined ? 'plow list --all shows the VMs there are' : `did you mean '${meant}'?`,
  });
}
