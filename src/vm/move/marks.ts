import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { MOVE_NAMESPACE, moveElement, moveOf } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { hostUuid as hostUuidIn } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import { readDocument } from '../read-document.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import type { End, Ends } from './ends.ts';

/** Writes how far a move has come, or that there is none any more. @throws HypervisorError */
export async function setMark(domain: Domain, mark: MoveMark | undefined): Promise<void> {
  await domain.setMetadata(mark && moveElement(domain.uuid, mark), MOVE_NAMESPACE);
}

/** How far a move has come, as its VM has it stored. @throws PlowError, HypervisorError */
export async function markIn(domain: Domain): Promise<MoveMark | undefined> {
  return moveOf(readDocument({ name: domain.name, xml: await domain.xml('stored') }));
}

/** @throws PlowError (operation) where another plow moves the VM as well, and wrote last */
export async function assertOurs(domain: Domain, { token }: MoveMark): Promise<void> {
  if ((await markIn(domain))?.token === token) return;
  throw new PlowError('operation', `VM '${domain.name}' is moved by another plow, too`);
}

/**
 * Whether what is there is of this move, or of another one of the same VM from here that has come to nothing:
 * of two at once the one that wrote last goes on.
 * @param here UUID of the hypervisor that the VM is on
 */
export function isOfMove(
  there: MoveMark | undefined,
  token: string | undefined,
  here: string | undefined,
): there is MoveMark {
  if (there === undefined || token === undefined) return false;
  const isFromHere = here !== undefined && there.hostUuid === here;
  return there.token === token || (there.role === 'incoming' && there.phase === 'copying' && isFromHere);
}

/** Undefined where libvirt tells none. @throws HypervisorError */
export async function hostUuid({ hypervisor }: VmContext): Promise<string | undefined> {
  return hostUuidIn(await hypervisor.capabilities());
}

/**
 * A name of the settings may mean another hypervisor by now, where nobody knows of the move.
 * @throws PlowError (operation)
 */
export async function assertSameHost(name: string, mark: MoveMark, to: End): Promise<void> {
  const now = await hostUuid(to.context);
  if (mark.hostUuid === undefined || now === undefined || mark.hostUuid === now) return;
  throw new PlowError(
    'operation',
    `${to.name} is another hypervisor than the one that VM '${name}' moves to`,
    { hint: `the settings had ${to.name} as the one with the UUID ${mark.hostUuid}` },
  );
}

/** Pools that a plow which was killed may have left on either side. */
export async function stopLent({ from, to }: Ends): Promise<void> {
  await stopLentPools(from.context);
  await stopLentPools(to.context);
}
