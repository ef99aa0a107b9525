import { PlowError } from '../../../errors/plow-error.ts';
import { installing } from '../../../text/installing.ts';
import { startDetached } from '../../../this-machine/screen/start-program.ts';
import type { Environment } from '../../environment.ts';

const XDG_OPEN = { apt: 'xdg-utils', dnf: 'xdg-utils', zypper: 'xdg-utils' };

/** What a viewer is told. */
interface Address {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Starts `$PLOW_VNC_VIEWER`, else xdg-open. @throws PlowError (config) where there is none */
export async function startViewer(
  address: Address,
  isForBrowser: boolean,
  { variables }: Environment,
): Promise<void> {
  const wish = isForBrowser ? '' : (variables['PLOW_VNC_VIEWER'] ?? '');
  const [program = 'xdg-open', ...words] = viewerWords(wish, address);
  if (await startDetached(program, words)) return;
  throw new PlowError('config', `there is no ${program} on this machine`, {
    hint:
      wish === ''
        ? `${installing(XDG_OPEN, undefined)}, or name a viewer in PLOW_VNC_VIEWER; without --open any viewer can be given the address`
        : 'PLOW_VNC_VIEWER names it',
  });
}

/** A program and its arguments; where none of them stands for the address, it is the last. */
function viewerWords(wish: string, { host, port, url }: Address): readonly string[] {
  const words = wish.trim() === '' ? ['xdg-open'] : wish.trim().split(/\s+/u);
  if (!words.some((word) => /%[hpu]/u.test(word))) return [...words, url];
  const meant: Readonly<Record<string, string>> = { '%h': host, '%p': String(port), '%u': url };
  return words.map((word) => word.replaceAll(/%[hpu]/gu, (sign) => meant[sign] ?? sign));
}
