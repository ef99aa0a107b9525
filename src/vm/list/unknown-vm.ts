import { nearest } from '../../text/nearest.ts';
import { isPattern } from '../../text/pattern.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { explain, explaining } from '../failure.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { listNames } from './list.ts';

/** RFC 9562, as libvirt and virsh write it, in any case. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/**
 * The VM of that name; where there is none, the one of that UUID, which costs a round trip only where it
 * looks like one. Undefined where there is neither. @throws PlowError (operation)
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

/** As findVm, of a VM that must be there. @throws PlowError (operation), the same in every command */
export async function presentVm(
  nameOrUuid: string,
  hypervisor: Hypervisor,
  cannot?: string,
): Promise<Domain> {
  const domain = await findVm(nameOrUuid, hypervisor, cannot);
  if (domain !== undefined) return domain;
  throw await unknownVm(nameOrUuid, hypervisor);
}

/**
 * That there is no such VM, and which may have been meant.
 * @throws PlowError where the VMs cannot be listed
 */
export async function unknownVm(name: string, hypervisor: Hypervisor): Promise<PlowError> {
  const names = await listNames(hypervisor, { all: true });
  return new PlowError('operation', doesNotExist(name), { hint: hintFor(name, names) });
}

export function doesNotExist(name: string): string {
  return `VM '${name}' does not exist`;
}

/** Somebody else was faster: a VM that was there is not any more. */
export function removedMeanwhile(name: string, cause?: unknown): PlowError {
  return new PlowError('operation', `VM '${name}' was removed by somebody else meanwhile`, { cause });
}

/**
 * virErrorNumber of a domain that is gone; a pool or a volume that it wants may be missing as well.
 * https://libvirt.org/html/libvirt-virterror.html#virErrorNumber
 */
const NO_DOMAIN = 42;

/** What an error of a call on a VM means: as `explain`, but for a VM that is not there any more. */
export function explainOfVm(error: unknown, name: string, cannot: string): unknown {
  const isGone = error instanceof HypervisorError && error.code === NO_DOMAIN;
  return isGone ? removedMeanwhile(name, error) : explain(error, 'operation', cannot);
}

/** What to do about a name that no VM has. @param names that VMs have */
function hintFor(name: string, names: readonly string[]): string {
  if (isPattern(name)) return 'it wants a name; destroy, start, stop and their like take patterns';
  const stem = stemOfFile(name);
  const meant = nearest(stem ?? name, names);
  if (stem !== undefined && meant !== undefined) return `it wants the name of a VM, not a file: '${meant}'?`;
  if (meant !== undefined) return `did you mean '${meant}'?`;
  const wanted = stem === undefined ? '' : 'it wants the name of a VM, not a file; ';
  return `${wanted}plow list --all shows the VMs there are`;
}

/** `web` for `vms/web.yaml`; undefined for what is not called like a file. */
function stemOfFile(name: string): string | undefined {
  return /(?<stem>[^/]+)\.ya?ml$/iu.exec(name)?.groups?.['stem'];
}
