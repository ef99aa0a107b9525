import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { Domain } from '../../hypervisor/domain.ts';

/**
 * The VM that has a name already; undefined also for one that is incomplete, or destroyed and to be
 * brought back, of which a create complains.
 * @throws PlowError (operation)
 */
export async function existingVm(
  name: string,
  { hypervisor }: Pick<VmContext, 'hypervisor'>,
): Promise<Pick<Domain, 'uuid'> | undefined> {
  using found = await explaining(hypervisor.findDomain(name), 'operation', 'cannot look up the VM');
  if (found === undefined) return undefined;
  const document = await explaining(found.xml('stored'), 'operation', `cannot look at VM '${name}'`);
  const domain = parseIfPossible(document);
  if (domain !== undefined && endOf(domain).undo !== undefined) return undefined;
  return metadataInDomain(domain)?.status === 'creating' ? undefined : found;
}
