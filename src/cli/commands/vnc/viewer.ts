import { PlowError } from '../../../errors/plow-error.ts';
import { installing } from '../../../text/installing.ts';
import { printable } from '../../../text/printable.ts';
import { startDetached } from '../../../this-machine/screen/start-program.ts';
import type { Environment } from '../../environment.ts';

const XDG_OPEN = { apt: 'xdg-utils', dnf: 'xdg-utils', zypper: 'xdg-utils' };

/** What a viewer is told. */
interface Address {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/**
 * Starts `$PLOW_VNC_VIEWER`, else xdg-open.
 * @param isSeen whether somebody has come: how a viewer ends then is nobody's business
 * @returns what fails once the viewer has before it came @throws PlowError (config) where there is none
 */
export async function startViewer(
  address: Address,
  { isForBrowser, isSeen }: { readonly isForBrowser: boolean; readonly isSeen: () => boolean },
  { variables }: Environment,
): Promise<{ readonly failed: Promise<never> }> {
  const wish = isForBrowser ? '' : (variables['PLOW_VNC_VIEWER'] ?? '').trim();
  const [program = 'xdg-open', ...words] = viewerWords(wish, address);
  const viewer = await startDetached(program, words);
  const others = `without --open any ${isForBrowser ? 'browser' : 'viewer'} can be given the address`;
  const hint = isForBrowser
    ? others
    : wish === ''
      ? `name a viewer in PLOW_VNC_VIEWER; ${others}`
      : `PLOW_VNC_VIEWER names it; ${others}`;
  if (typeof viewer === 'string')
    throw new PlowError('config', printable(viewer), {
      hint: program === 'xdg-open' ? `${installing(XDG_OPEN, undefined)}; or ${hint}` : hint,
    });
  const failed = viewer.failed.then((how) => {
    if (isSeen()) return new Promise<never>(() => {});
    throw new PlowError('config', `${printable(program)} ended with ${how} before it looked`, { hint });
  });
  return { failed };
}

/** A program and its arguments; where none of them stands for the address, it is the last. */
function viewerWords(wish: string, { host, port, url }: Address): readonly string[] {
  const words = wish === '' ? ['xdg-open'] : wish.split(/\s+/u);
  if (!words.some((word) => /%[hpu]/u.test(word))) return [...words, url];
  const meant: Readonly<Record<string, string>> = { '%h': host, '%p': String(port), '%u': url };
  return words.map((word) => word.replaceAll(/%[hpu]/gu, (sign) => meant[sign] ?? sign));
}
