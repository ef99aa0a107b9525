import type { Domain } from '../../hypervisor/domain.ts';
import { MOVE_NAMESPACE, moveElement } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import type { Ends } from './ends.ts';

/** Writes how far a move has come, or that there is none any more. @throws HypervisorError */
export async function setMark(domain: Domain, mark: MoveMark | undefined): Promise<void> {
  await domain.setMetadata(mark && moveElement(domain.uuid, mark), MOVE_NAMESPACE);
}

/** Pools that a plow which was killed may have left on either side. */
export async function stopLent({ from, to }: Ends): Promise<void> {
  await stopLentPools(from.context);
  await stopLentPools(to.context);
}
