import { userInfo } from 'node:os';

import { whyForeign } from '../files/foreign-file.ts';
import { tryToRead } from '../files/read-text.ts';
import { showFile } from '../yaml/mistake.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { checkNetworkFile } from './check.ts';
import { NETWORK_FILE } from './network-file.ts';
import type { NetworkFile } from './network-file.ts';

/** A network file that was read, and what stood in it. */
export interface NetworkText {
  readonly network: NetworkFile;
  readonly text: string;
}

/**
 * Reads a network file. One that nobody has named counts only where nobody but root can have written it.
 * @returns undefined where there is no such file
 * @throws PlowError (config, validation) with a line for each mistake
 */
export async function readNetworkFile(file: string = NETWORK_FILE): Promise<NetworkText | undefined> {
  const reading = await tryToRead(file);
  if ('text' in reading) {
    const foreign = file === NETWORK_FILE ? whyForeign(reading.access, userInfo().uid) : undefined;
    if (foreign !== undefined) {
      throw new PlowError(
        'config',
        `${showFile(file)} ${foreign.why}: whoever that is would say what is routed`,
        {
          hint: `chown root:root ${showFile(file)} && chmod 0644 ${showFile(file)}`,
        },
      );
    }
    return { network: checkNetworkFile(file, reading.text), text: reading.text };
  }
  if (reading.missing) return undefined;
  throw new PlowError('config', `${showFile(file)}: ${reading.problem}`, { cause: reading.cause });
}
