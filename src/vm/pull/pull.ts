import type { VmContext } from '../context.ts';
import { Round } from './round.ts';
import type { Outcome } from './round.ts';
import { fromWeb } from './source.ts';
import type { Bringing } from './source.ts';
import type { Pulled } from './target.ts';
import type { PullTools, WantedImage } from './wanted.ts';

export type { Outcome } from './round.ts';
export type { Pulled } from './target.ts';

/**
 * Brings an image from the web to the hypervisor: through hash and decoder into a volume, and its first bytes
 * last, once every digest agrees. Until then nobody can take the file for an image.
 * @throws PlowError, Interrupted
 */
export async function pullImage(wanted: WantedImage, tools: PullTools, context: VmContext): Promise<Pulled> {
  return bring(fromWeb(wanted, tools), context);
}

/** As pullImage, from wherever it is. @throws PlowError, Interrupted */
export async function bring(bringing: Bringing, context: VmContext): Promise<Pulled> {
  const [outcome] = await bringToEach(bringing, [context], context);
  if (outcome === undefined) throw new Error('there is one hypervisor');
  if (outcome.pulled === undefined) throw outcome.error;
  return outcome.pulled;
}

/**
 * As pullImage, to several hypervisors, and from wherever it is: it comes once, and each piece goes to all of
 * them; the slowest sets the pace. One that fails drops out, and its rest is taken back; the others go on. If
 * none needs it nothing is asked for.
 * @param about of all of them @param heard is told as each ends
 * @returns in the order of `contexts`
 */
export async function bringToEach(
  bringing: Bringing,
  contexts: readonly VmContext[],
  about: Pick<VmContext, 'progress' | 'signal' | 'now'>,
  heard: (outcome: Outcome, index: number) => void = () => {},
): Promise<readonly Outcome[]> {
  return new Round(bringing, contexts, about, heard).run();
}
