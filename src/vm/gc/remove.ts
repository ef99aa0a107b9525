import { explain } from '../failure.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Garbage, Hidden, Left } from './garbage.ts';

/**
 * Removes something that is left over, once it has been looked at anew.
 * @throws PlowError, Interrupted
 */
export async function removeGarbage({ fate, kind, what }: Garbage): Promise<Left | Hidden> {
  if (!('remove' in fate)) return NOTHING_LEFT;
  try {
    return await fate.remove();
  } catch (error) {
    throw explain(error, 'storage', `cannot remove ${kind} ${what}`, 'run the same command again');
  }
}
