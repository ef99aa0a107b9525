import type { Domain } from '../../hypervisor/domain.ts';
import { interfaceToDetach } from '../../libvirt-xml/domain/devices/interface.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { watchGuest } from './let-go.ts';
import { look, ofVm, writeDown } from './look.ts';

/**
 * Takes an interface from a VM. A guest that runs has to let it go: one that does not has it until its next
 * start.
 * @param wanted its MAC address (lower case), or the address that the VM was made with for it
 * @throws PlowError (operation) @throws Interrupted
 */
export async function detachNic(domain: Domain, context: VmContext, wanted: string): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Changing VM '${name}'`);
  const { stored, live, metadata } = await look(domain);
  const declared = metadata?.declared.interfaces.find(
    ({ mac, address }) => mac === wanted || address === wanted.replace(/\/\d+$/u, ''),
  );
  const mac = declared?.mac ?? wanted;
  const has = ({ interfaces }: DomainFacts): boolean => interfaces.some((one) => one.mac === mac);
  const nic = stored.interfaces.find((one) => one.mac === mac);
  if (nic === undefined && declared === undefined) {
    progress.note(`VM '${name}' has no interface ${wanted}`);
    return 'unchanged';
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  using guest = live === undefined ? undefined : await watchGuest(domain, context);
  if (nic !== undefined) {
    const runs = live !== undefined && has(live);
    const detaching = domain.detachDevice(
      interfaceToDetach(nic, mac),
      runs ? ['stored', 'live'] : ['stored'],
    );
    await ofVm(detaching, name);
  }
  if (declared !== undefined) await ofVm(writeDown(domain, { removedInterface: mac }), name);
  progress.done(`VM '${name}' has no interface with MAC address ${mac} any more`);
  const isLetGo = await guest?.hasLetGo(has);
  const keeps = 'guest may have it until its next start';
  if (isLetGo === false)
    throwIfInterrupted(context, `VM '${name}' has no interface ${mac} any more, but its ${keeps}`);
  if (isLetGo === false)
    progress.note(`the guest of VM '${name}' did not let ${mac} go: it has it until its next start`);
  return 'changed';
}
