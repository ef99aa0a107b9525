import { nearest } from '../config/nearest.ts';
import { PlowError } from '../errors/plow-error.ts';
import { explaining } from './failure.ts';
import type { Hypervisor } from './hypervisor.ts';
import { listNames } from './list.ts';

/** That there is no such VM, and which may have been meant. @throws PlowError where the VMs cannot be listed */
export async function unknownVm(name: string, hypervisor: Hypervisor): Promise<PlowError> {
  const names = await explaining(listNames(hypervisor, { all: true }), 'operation', 'cannot list the VMs');
  return new PlowError('operation', `VM '${name}' does not exist`, { hint: hintFor(name, names) });
}

/** What to do about a name that no VM has. @param names that VMs have */
export function hintFor(name: string, names: readonly string[]): string {
  const stem = stemOfFile(name);
  const meant = nearest(stem ?? name, names);
  if (stem !== undefined && meant !== undefined) return `it wants the name of a VM, not a file: '${meant}'?`;
  if (meant !== undefined) return `did you mean '${meant}'?`;
  const wanted = stem === undefined ? '' : 'it wants the name of a VM, not a file; ';
  return `${wanted}plow list --all shows the VMs there are`;
}

/** `web` for `vms/web.yaml`; undefined for what is not called like a file. */
export function stemOfFile(name: string): string | undefined {
  return /(?<stem>[^/]+)\.ya?ml$/iu.exec(name)?.groups?.['stem'];
}
