import { randomInt } from 'node:crypto';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { GOOD_FOR_S, setOneTimePassword } from '../../../vm/vnc/one-time-password.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** The protocol has no room for more. */
const LENGTH = 8;
/** None that is taken for another. */
const SIGNS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** `plow vnc --password <vm-name>` @param isAlone nothing else is asked for @throws PlowError */
export async function runPassword(
  name: string,
  { isAlone }: { readonly isAlone: boolean },
  settings: Settings,
  environment: Environment,
): Promise<void> {
  checkVmName('vnc', name);
  if (!isAlone) throw new PlowError('config', '--password does nothing else: leave out --open and --web');
  const { output } = environment;
  const password = Array.from({ length: LENGTH }, () => SIGNS[randomInt(SIGNS.length)]).join('');
  const vm = await withHypervisor(settings, environment, (hypervisor) =>
    setOneTimePassword(name, { password, now: new Date() }, hypervisor),
  );
  output.print(password);
  output.say(`good for ${GOOD_FOR_S} seconds, for the screen of VM '${printable(vm)}'`);
}
