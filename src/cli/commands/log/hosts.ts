import { Interrupted } from '../../../errors/interrupted.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { assertSeen, lookAtVm } from '../../run/hosts/look.ts';
import { hostName } from '../../run/hosts/several.ts';
import type { Settings } from '../../settings/settings.ts';
import { printLog } from './run.ts';
import type { LogOptions } from './run.ts';

/**
 * `plow log <vm-name>` of several hosts: the log of that VM on each that has one, each line with its host.
 * @returns the exit code @throws PlowError where none has it, or one could not be asked; Interrupted
 */
export async function runLogOnHosts(
  name: string,
  options: LogOptions,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  checkVmName('log', name);
  const look = { use: 'full', forPrograms: options.output === 'json' } as const;
  const looking = lookAtVm(name, all, look, environment, (domain, context, settings) =>
    printLog(domain, options, context, environment, hostName(settings)),
  );
  try {
    // Nobody reads any more.
    const search = await Promise.race([looking, environment.output.lost]);
    if (search !== undefined) assertSeen(search);
    return 0;
  } catch (error) {
    // Who follows logs ends it so: nothing failed.
    if (error instanceof Interrupted && options.follow === true) return error.exitCode;
    throw error;
  }
}
