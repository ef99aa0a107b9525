import { Interrupted } from '../../../../errors/interrupted.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import type { VmContext } from '../../../../vm/context.ts';
import { bringToEach } from '../../../../vm/pull/pull.ts';
import type { Outcome } from '../../../../vm/pull/pull.ts';
import type { Bringing } from '../../../../vm/pull/source.ts';
import { atHost } from '../../../run/batch/heard.ts';
import type { Settings } from '../../../settings/settings.ts';
import type { HostAtWork } from '../../../run/hosts/with-hosts.ts';
import type { ToldHosts } from './told.ts';

/** A host that has answered. */
export interface OpenHost {
  readonly name: string;
  /** Whose progress has no name of a host. */
  readonly context: VmContext;
}

/**
 * Waits for all of them. Those that do not answer are told.
 * @param names of images that each was to have @throws Interrupted
 */
export async function openHosts(
  hosts: readonly HostAtWork[],
  names: readonly string[],
  told: ToldHosts,
): Promise<readonly OpenHost[]> {
  const opening = hosts.map(async ({ name, context }): Promise<readonly OpenHost[]> => {
    try {
      return [{ name, context: await context }];
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      told.lost(name, error, names);
      return [];
    }
  });
  return (await Promise.all(opening)).flat();
}

/**
 * Brings an image to each of several hosts, and tells what comes of it.
 * @throws Interrupted once nothing of it is left anywhere, or all of it is there
 */
export async function bringToHosts(
  bringing: Bringing,
  hosts: readonly OpenHost[],
  told: ToldHosts,
): Promise<void> {
  const [first] = hosts;
  if (first === undefined) return;
  const { name } = bringing.wanted;
  const ofSource: { readonly host: string; readonly error: PlowError }[] = [];
  const heard = (outcome: Outcome, index: number): void => {
    const host = hosts[index]?.name ?? '';
    if (outcome.pulled !== undefined) {
      const { status, path, record } = outcome.pulled;
      const done = status === 'pulled' && bringing.wanted.original !== undefined ? 'copied' : status;
      told.document({ host, name, status: done, path, record });
      return;
    }
    const { error, isOfSource } = outcome;
    if (error instanceof Interrupted) told.interrupted(host, error);
    else if (!(error instanceof PlowError)) return;
    else if (isOfSource) ofSource.push({ host, error });
    else told.failed(host, name, error);
  };
  const contexts = hosts.map(({ name: of, context }) => ({
    ...context,
    progress: atHost(of, context.progress),
  }));
  const outcomes = await bringToEach(bringing, contexts, first.context, heard);
  const [one] = ofSource;
  if (one !== undefined)
    told.failedOnAll(
      ofSource.map(({ host }) => host),
      name,
      one.error,
    );
  first.context.signal.throwIfAborted();
  for (const outcome of outcomes)
    if (outcome.pulled === undefined && !(outcome.error instanceof PlowError)) throw outcome.error;
  const isInsecure = outcomes.some(({ pulled }) => pulled?.record.insecure === true);
  if (isInsecure) first.context.progress.note(`nothing proves that ${name} is the right image`);
}

/** One hypervisor under two names has one file. */
export function withoutTwins(all: readonly Settings[]): readonly Settings[] {
  return all.filter(
    ({ uri, storagePath }, index) =>
      all.findIndex((other) => other.uri === uri && other.storagePath === storagePath) === index,
  );
}
