import { PlowError } from '../../../errors/plow-error.ts';
import { errorText } from '../../../views/failure/document.ts';
import { failureLines } from '../../../views/failure/text.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../../vm/context.ts';
import { findVm } from '../../../vm/list/unknown-vm.ts';
import type { Environment } from '../../environment.ts';
import type { Settings } from '../../settings/settings.ts';
import { atHost } from '../batch/heard.ts';
import { plainProgress, withContext } from '../session.ts';
import type { Use } from '../session.ts';
import { ofHost, onEachHost, worstOf } from './each-host.ts';
import type { OfHost } from './each-host.ts';
import { hostName } from './several.ts';
import { absentOn } from './vms-of-hosts.ts';
import { withHosts } from './with-hosts.ts';

/** How a command looks at several hosts. */
export interface Look {
  readonly use: Use;
  /**
   * What it does when it is interrupted, in words: it ends what it has begun on each host. Undefined: it is
   * left at once.
   */
  readonly reaction?: string;
  /** What goes wrong with a host is a document of its own. */
  readonly forPrograms: boolean;
}

/**
 * Looks at several hosts at the same time. What goes wrong with one is told with its name as it comes, and
 * keeps none of the others.
 * @param work over a connection of its own; prints what it finds @returns in the order of `all`
 * @throws Interrupted
 */
export async function lookOnHosts<T>(
  all: readonly Settings[],
  { use, reaction, forPrograms }: Look,
  environment: Environment,
  work: (context: VmContext, settings: Settings) => Promise<T>,
): Promise<readonly OfHost<T>[]> {
  const progress = await plainProgress(environment);
  const heard = ({ name, settings, error }: OfHost<T>): void => {
    if (error !== undefined) tell(name, error, forPrograms, settings, environment);
  };
  const workHere = (context: VmContext, settings: Settings): Promise<T> =>
    work({ ...context, progress: atHost(hostName(settings), context.progress) }, settings);
  if (reaction === undefined) {
    const { signal } = environment.interruptible(undefined);
    const open = (settings: Settings): Promise<T> =>
      withContext(settings, environment, undefined, progress, (one) => workHere(one, settings), use, true);
    return onEachHost(all, open, heard, signal);
  }
  return withHosts(all, { reaction, progress, use }, environment, async (hosts, signal) => {
    const looking = hosts.map(async ({ settings, context }) => {
      const one = await ofHost(settings, async () => workHere(await context, settings));
      heard(one);
      return one;
    });
    // One that is interrupted waits for what the others take back.
    await Promise.allSettled(looking);
    signal.throwIfAborted();
    return Promise.all(looking);
  });
}

function tell(
  host: string,
  error: PlowError,
  forPrograms: boolean,
  { verbose }: Settings,
  { output }: Environment,
): void {
  const lines = forPrograms ? [errorText(error, error.exitCode, host)] : failureLines(error, verbose, host);
  output.say(lines.join('\n'));
}

/** What came of looking for a VM. */
export interface Search {
  readonly name: string;
  /** Of each whether it has it. */
  readonly hosts: readonly OfHost<boolean>[];
  /** Somewhere, be it that it could not be looked at. */
  readonly isThere: boolean;
}

/**
 * Looks at the VM of a name wherever there is one. @param work prints what it finds
 * @throws Interrupted
 */
export async function lookAtVm(
  nameOrUuid: string,
  all: readonly Settings[],
  look: Look,
  environment: Environment,
  work: (domain: Domain, context: VmContext, settings: Settings) => Promise<void>,
): Promise<Search> {
  let isThere = false;
  const hosts = await lookOnHosts(all, look, environment, async (context, settings) => {
    using domain = await findVm(nameOrUuid, context.hypervisor);
    if (domain === undefined) return false;
    isThere = true;
    await work(domain, context, settings);
    return true;
  });
  return { name: nameOrUuid, hosts, isThere };
}

/**
 * That a VM is there, and that all hosts could be asked. Where some could not, whether there is none is not
 * known.
 * @throws PlowError
 */
export function assertSeen({ name, hosts, isThere }: Search): void {
  const asked = hosts.filter(({ error }) => error === undefined);
  const absent = isThere || asked.length === 0 ? undefined : absentOn(name, asked);
  const worst = worstOf(hosts);
  if (worst === undefined) {
    if (absent !== undefined) throw absent;
  } else if (absent === undefined) throw worst;
  else throw new PlowError(worst.kind, `${worst.message}; ${absent.message}`);
}
