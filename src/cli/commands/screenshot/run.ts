import { basename } from 'node:path';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { screenshotOf } from '../../../vm/vnc/screenshot.ts';
import type { Screenshot } from '../../../vm/vnc/screenshot.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { writePrivately } from '../../run/private-files.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

interface Wish {
  readonly file: string | undefined;
  readonly force: boolean;
}

/** `plow screenshot <vm-name> [file]` @throws PlowError */
export async function runScreenshot(
  name: string,
  { file, force }: Wish,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  checkVmName('screenshot', name);
  const { output } = environment;
  if (file === '-' && output.interactive) {
    throw new PlowError('config', 'a picture is not written to a terminal', {
      hint: 'name a file, or pass it on: plow screenshot my-vm - | display',
    });
  }
  const shot = await withHypervisor(settings, environment, (hypervisor) => screenshotOf(name, hypervisor));
  if (file === '-') return environment.writeBytes(shot.bytes);
  const path = file ?? fileFor(shot);
  await writePrivately(path, shot.bytes, force);
  return output.print(printable(path));
}

/** Beside the VM of somebody else one may have a name that leads elsewhere. */
function fileFor({ name, kind }: Screenshot): string {
  return `./${basename(name).replace(/^\.+/u, '')}.${kind}`.slice(2);
}
