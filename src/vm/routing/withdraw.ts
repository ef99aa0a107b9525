import type { Domain } from '../../hypervisor/domain.ts';
import type { RouteFacts, TapEnds } from '../../hypervisor/routes.ts';
import type { VmContext } from '../context.ts';
import { awaitBird, PATIENCE_TEXT } from './await-bird.ts';
import { endsOf, ownSessions } from './places.ts';
import { routedInText } from './routed.ts';

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
    progress.note(`BIRD announces ${what} still, or does not say, ${PATIENCE_TEXT} after it was withdrawn`);
  }
  return async () => {
    for (const ends of taken) {
      const given = await routes.giveBack(ends);
      if (given !== 'done') progress.note(notGivenBack(ends, given.why));
    }
  };
}

/** How it is done by hand, of a VM that nobody reaches. */
function notGivenBack({ by, tap, local, peer }: TapEnds, why: string): string {
  const words =
    by === 'address'
      ? `ip addr replace ${local} peer ${peer}/32 dev ${tap} scope link`
      : `ip route replace ${peer}/32 dev ${tap} scope link`;
  return `${peer} is not routed to its VM again (${why}): ${words}`;
}

/** Waits until no neighbour is told of them any more. Without BIRD nobody is. @returns whether that is so */
async function isUnannounced(taken: readonly TapEnds[], routes: RouteFacts): Promise<boolean> {
  const over = await awaitBird(routes, (bird) => {
    if (bird.state === 'silent') return undefined;
    const sessions = bird.state === 'up' ? bird.sessions : [];
    if (ownSessions({ sessions }).some(({ exports }) => exports === undefined)) return undefined;
    const told = sessions.flatMap(({ exports }) => exports ?? []);
    const isTold = told.some(({ address, device }) =>
      taken.some(({ peer, tap }) => address === peer && device === tap),
    );
    return isTold ? undefined : true;
  });
  return over === true;
}
