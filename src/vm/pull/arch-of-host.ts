import type { Arch } from '../../config/machine.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';

/** Of the hypervisor's processor, which decides what is pulled. @throws PlowError (operation) */
export async function archOfHost({ hypervisor }: Pick<VmContext, 'hypervisor'>): Promise<Arch> {
  const asking = hypervisor.capabilities();
  const document = await explaining(asking, 'operation', 'cannot read the capabilities of the hypervisor');
  return readCapabilities(document).arch;
}
