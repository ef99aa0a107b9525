import { fileURLToPath } from 'node:url';
import { run } from '../run.ts';

/** Path of a Debian cloud image, built on the first call (two minutes) and cached. */
export async function buildGuestImage(suite: 'bookworm' | 'trixie'): Promise<string> {
  return (await run(fileURLToPath(new URL('guest-image.sh', import.meta.url)), [suite])).trim();
}
