import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { howToGetOne } from './screen-of.ts';

/** More than a picture of any screen, also of one that is not packed. */
const MOST_BYTES = 256 * 2 ** 20;

/** What the screen of a VM shows. */
export interface Screenshot {
  /** Of the VM. */
  readonly name: string;
  /** As files of the kind end. */
  readonly kind: 'png' | 'ppm';
  readonly bytes: Uint8Array;
}

/** Takes a picture of the screen of a VM that runs. @throws PlowError (operation, connection) */
export async function screenshotOf(nameOrUuid: string, hypervisor: Hypervisor): Promise<Screenshot> {
  using domain = await presentVm(nameOrUuid, hypervisor, 'cannot take a picture');
  const { name } = domain;
  const cannot = `cannot take a picture of the screen of VM '${name}'`;
  try {
    const picture = await domain.screen.picture(MOST_BYTES);
    if (picture === undefined) throw new PlowError('operation', `${cannot}: it is too large`);
    return { name, kind: picture.type === 'image/png' ? 'png' : 'ppm', bytes: picture.bytes };
  } catch (error) {
    throw whyNot(error, name) ?? explainOfVm(error, name, cannot);
  }
}

function whyNot(error: unknown, name: string): PlowError | undefined {
  if (!(error instanceof HypervisorError)) return undefined;
  const details = { detail: error.describe(), cause: error };
  // libvirt says so with the number of a VM that is off.
  if (/no (?:such )?screens?/u.test(error.message))
    return new PlowError('operation', `VM '${name}' has no screen`, { ...details, hint: howToGetOne(name) });
  if (error.reason === 'not-running') {
    const hint = `plow start ${shellArgument(name)} starts it`;
    return new PlowError('operation', `VM '${name}' is not running`, { ...details, hint });
  }
  return undefined;
}
