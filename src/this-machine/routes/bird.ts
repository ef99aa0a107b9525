import type { Bird, BirdRoute, Changed } from '../../hypervisor/routes.ts';
import { errorIn, protocolsIn, routesIn, sessionOf, versionIn } from './bird-replies.ts';
import type { Told } from './bird-replies.ts';
import { run } from './run.ts';

/** All that has one address; other families have other nets. */
const SINGLE = 'where net.type = NET_IP4 && net.len = 32';

interface Refusal {
  readonly refused: { readonly state: 'absent' | 'down' | 'denied'; readonly why: string };
}

/** One command of birdc, which asks the daemon over its own socket. @param mayChange without: it cannot */
async function ask(command: string, mayChange = false): Promise<string | Refusal> {
  const ran = await run('birdc', [...(mayChange ? [] : ['-r']), '-v', ...command.split(' ')]);
  if (ran === 'missing') return { refused: { state: 'absent', why: 'BIRD is not installed' } };
  if (ran === 'late') return { refused: { state: 'down', why: 'BIRD does not answer' } };
  const { code, stdout, stderr } = ran;
  // A refusal of the daemon has a code of its own.
  if (code === 0 || stdout !== '') return stdout;
  if (/permission denied|not permitted/iu.test(stderr))
    return { refused: { state: 'denied', why: 'only root and the group of BIRD may ask it' } };
  return { refused: { state: 'down', why: `BIRD does not run (${stderr})` } };
}

/** As the port's. */
export async function bird(): Promise<Bird> {
  const status = await ask('show status');
  if (typeof status !== 'string') return status.refused;
  const [told, all] = await Promise.all([ask('show protocols all'), ask(`show route table all ${SINGLE}`)]);
  if (typeof told !== 'string') return told.refused;
  if (typeof all !== 'string') return all.refused;
  const protocols = protocolsIn(told);
  const neighbours = protocols.filter(({ type }) => type === 'BGP');
  const sessions = neighbours.map(async (one) => sessionOf(one, await exportsOf(one)));
  return {
    state: 'up',
    version: versionIn(status) ?? 'unknown',
    protocols: protocols.map(({ name, type, state, info }) => ({ name, type, state, info })),
    routes: routesIn(all),
    sessions: await Promise.all(sessions),
  };
}

/** Of one that is down none: BIRD 3 refuses the question. */
async function exportsOf({ name, state }: Told): Promise<readonly BirdRoute[] | undefined> {
  if (state !== 'up') return [];
  const reply = await ask(`show route export ${name} ${SINGLE}`);
  return typeof reply !== 'string' || errorIn(reply) !== undefined ? undefined : routesIn(reply);
}

/** As the port's. */
export async function switchProtocol(name: string, on: boolean): Promise<Changed> {
  const reply = await ask(`${on ? 'enable' : 'disable'} ${name}`, true);
  if (typeof reply !== 'string') return { why: reply.refused.why };
  const error = errorIn(reply);
  return error === undefined ? 'done' : { why: `BIRD says: ${error}` };
}
