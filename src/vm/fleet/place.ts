import { hostUuid } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';

/** Where a VM is, or is made. */
export interface VmPlace {
  /** The UUID that libvirt tells of it; undefined: it tells none. */
  readonly hypervisor: string | undefined;
  readonly storagePath: string;
}

/** @throws PlowError (operation, connection) */
export async function placeOf({
  hypervisor,
  storagePath,
}: Pick<VmContext, 'hypervisor' | 'storagePath'>): Promise<VmPlace> {
  const asking = hypervisor.capabilities();
  const capabilities = await explaining(asking, 'operation', 'cannot read which hypervisor it is');
  return { hypervisor: hostUuid(capabilities), storagePath };
}
