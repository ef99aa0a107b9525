import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { withPassword } from '../../libvirt-xml/domain/devices/vnc.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { runningVnc } from './screen-of.ts';

/** How long one is good for. */
export const GOOD_FOR_S = 60;

/**
 * Gives the screen of a VM that runs another password for a minute, in place of any it has. Only one that was
 * started with a password, be it an empty one, asks for any.
 * @returns the name of the VM @throws PlowError (operation, connection)
 */
export async function setOneTimePassword(
  nameOrUuid: string,
  { password, now }: { readonly password: string; readonly now: Date },
  hypervisor: Hypervisor,
): Promise<string> {
  using domain = await presentVm(nameOrUuid, hypervisor, 'cannot set a password');
  const { name } = domain;
  try {
    const facts = await runningVnc(domain);
    const until = new Date(now.getTime() + GOOD_FOR_S * 1000);
    await domain.updateDevice(withPassword(facts, password, until), ['live'], false);
    return name;
  } catch (error) {
    if (!(error instanceof HypervisorError) || !/set password/iu.test(error.message))
      throw explainOfVm(error, name, `cannot set a password for the screen of VM '${name}'`);
    throw new PlowError('operation', `the screen of VM '${name}' asks for no password`, {
      hint: 'a VM that is made with vnc: {one_time_password: true} or a password_file does. To this one add passwd="" to its <graphics> with virsh edit, and restart it',
      detail: error.describe(),
      cause: error,
    });
  }
}
