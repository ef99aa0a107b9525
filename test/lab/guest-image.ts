import { fileURLToPath } from 'node:url';
import { run } from '../run.ts';
import type { Lab } from './lab.ts';

const built = async (script: string, ...argv: string[]): Promise<string> =>
  (await run(fileURLToPath(new URL(script, import.meta.url)), argv)).trim();

/** Path of a Debian cloud image, built on the first call (two minutes) and cached. */
export const buildGuestImage = (suite: 'bookworm' | 'trixie'): Promise<string> =>
  built('guest-image.sh', suite);

/** Path of an image that Ignition provisions, built on the first call (three minutes) and cached. */
export const buildIgnitionImage = (): Promise<string> => built('ignition-image.sh');

/** Path of an ISO that installs the small Linux guest, built on the first call (some seconds) and cached. */
export const buildInstallerIso = (): Promise<string> => built('installer-iso.sh');

/**
 * Puts the image of the small Linux guest on a host; built on the first call (some seconds) and cached. What
 * it can do stands in busybox-image.sh. Call it in `beforeAll`, before the first census.
 *
 * @returns its path as the host sees it
 */
export async function addBusyboxImage(lab: Lab, host: string): Promise<string> {
  return lab.addImage(host, await built('busybox-image.sh'), 'busybox.qcow2');
}
