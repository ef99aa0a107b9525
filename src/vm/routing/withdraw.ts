import { setTimeout as sleep } from 'node:timers/promises';
import type { Domain } from '../../hypervisor/domain.ts';
import type { RouteFacts, TapEnds } from '../../hypervisor/routes.ts';
import type { VmContext } from '../context.ts';
import { endsOf } from './places.ts';
import { routedInText } from './routed.ts';

/** BIRD takes milliseconds. What hangs keeps nobody's VM on. */
const SEEN_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 25;

/** Gives back what was taken. */
export type GiveBack = () => Promise<void>;

const NOTHING_TAKEN: GiveBack = async () => {};

/**
 * Takes the addresses of a VM that is about to go off, so that nobody sends anything there any more, and
 * waits until BIRD announces none of them. Says nothing and does nothing where plow cannot do that: on
 * another machine, or without root. There the addresses go with the tap.
 * @returns what gives them back, for a VM that does not go off
 * @throws HypervisorError
 */
export async function withdraw(
  domain: Pick<Domain, 'xml'>,
  { hypervisor, progress }: Pick<VmContext, 'hypervisor' | 'progress'>,
): Promise<GiveBack> {
  const { routes } = hypervisor;
  if (routes === undefined) return NOTHING_TAKEN;
  const routed = routedInText(await domain.xml('live'));
  if (routed.length === 0) return NOTHING_TAKEN;
  const [taps = [], hostRoutes] = await Promise.all([routes.taps(), routes.hostRoutes()]);
  const all = routed.flatMap(({ address, tap }) => {
    const found = taps.find(({ name }) => name === tap);
    const ends = found && endsOf(found, address, hostRoutes);
    return ends === undefined ? [] : [ends];
  });
  const taken: TapEnds[] = [];
  for (const ends of all) if ((await routes.withdraw(ends)) === 'done') taken.push(ends);
  if (taken.length === 0) return NOTHING_TAKEN;
  if (!(await isUnannounced(taken, routes))) {
    const what = taken.map(({ peer }) => peer).join(', ');
    progress.note(`BIRD announces ${what} still, ${SEEN_WITHIN_MS / 1000} seconds after it was withdrawn`);
  }
  return async () => {
    for (const ends of taken) await routes.giveBack(ends);
  };
}

/** Waits until no neighbour is told of them any more. Without BIRD nobody is. @returns whether that is so */
async function isUnannounced(taken: readonly TapEnds[], routes: RouteFacts): Promise<boolean> {
  const deadline = performance.now() + SEEN_WITHIN_MS;
  for (;;) {
    const bird = await routes.bird();
    if (bird.state !== 'up') return true;
    const told = bird.sessions.flatMap(({ exports }) => exports ?? []);
    if (
      !told.some(({ address, device }) => taken.some(({ peer, tap }) => address === peer && device === tap))
    )
      return true;
    if (performance.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
}
