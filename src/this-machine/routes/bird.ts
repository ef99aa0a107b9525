import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Bird, BirdRoute, Changed } from '../../hypervisor/routes.ts';
import { errorIn, protocolsIn, routesIn, sessionOf, versionIn } from './bird-replies.ts';
import type { Told } from './bird-replies.ts';
import { run } from './run.ts';

/** An answer takes this long, even where no time is left. */
const LEAST_MS = 100;

/** All that has one address; other families have other nets. */
const SINGLE = 'where net.type = NET_IP4 && net.len = 32';

interface Refusal {
  readonly refused: { readonly state: 'absent' | 'down' | 'silent' | 'denied'; readonly why: string };
}

/** One command of birdc, which asks the daemon over its own socket. @param options `-r`: none that changes */
async function ask(
  command: string,
  withinMs?: number,
  options: readonly string[] = ['-r'],
): Promise<string | Refusal> {
  const ran = await run('birdc', [...options, '-v', ...command.split(' ')], withinMs);
  if (ran === 'missing') return { refused: { state: 'absent', why: 'BIRD is not installed' } };
  if (ran === 'late') return { refused: { state: 'silent', why: 'BIRD does not answer' } };
  const { code, stdout, stderr } = ran;
  // A refusal of the daemon has a code of its own.
  if (code === 0 || stdout !== '') return stdout;
  if (/permission denied|not permitted/iu.test(stderr))
    return { refused: { state: 'denied', why: 'only root and the group of BIRD may ask it' } };
  if (!(await isThere())) return { refused: { state: 'down', why: `BIRD does not run (${stderr})` } };
  return { refused: { state: 'silent', why: `BIRD runs, and birdc does not reach it (${stderr})` } };
}

/** Whether somebody in this network is called so; its socket may be elsewhere. */
async function isThere(): Promise<boolean> {
  const own = await readlink('/proc/self/ns/net').catch(() => undefined);
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/u.test(name));
  for (const one of numbers) {
    const name = await readFile(`/proc/${one}/comm`, 'utf8').catch(() => '');
    if (name.trim() !== 'bird') continue;
    const network = await readlink(`/proc/${one}/ns/net`).catch(() => undefined);
    if (network === own) return true;
  }
  return false;
}

/** As the port's. */
export async function bird(withinMs?: number): Promise<Bird> {
  const until = performance.now() + (withinMs ?? 0);
  const left = (): number | undefined =>
    withinMs === undefined ? undefined : Math.max(LEAST_MS, until - performance.now());
  const status = await ask('show status', left());
  if (typeof status !== 'string') return status.refused;
  const [told, all] = await Promise.all([
    ask('show protocols all', left()),
    ask(`show route table all ${SINGLE}`, left()),
  ]);
  if (typeof told !== 'string') return told.refused;
  if (typeof all !== 'string') return all.refused;
  const protocols = protocolsIn(told);
  const neighbours = protocols.filter(({ type }) => type === 'BGP');
  const sessions = neighbours.map(async (one) => sessionOf(one, await exportsOf(one, left())));
  return {
    state: 'up',
    version: versionIn(status) ?? 'unknown',
    protocols: protocols.map(({ name, type, state, info }) => ({ name, type, state, info })),
    routes: routesIn(all),
    sessions: await Promise.all(sessions),
  };
}

/** Of one that is down none: BIRD 3 refuses the question. */
async function exportsOf(
  { name, state }: Told,
  withinMs: number | undefined,
): Promise<readonly BirdRoute[] | undefined> {
  if (state !== 'up') return [];
  const reply = await ask(`show route export ${name} ${SINGLE}`, withinMs);
  return typeof reply !== 'string' || errorIn(reply) !== undefined ? undefined : routesIn(reply);
}

/** As the port's. */
export async function switchProtocol(name: string, on: boolean): Promise<Changed> {
  const reply = await ask(`${on ? 'enable' : 'disable'} ${name}`, undefined, []);
  if (typeof reply !== 'string') return { why: reply.refused.why };
  const error = errorIn(reply);
  return error === undefined ? 'done' : { why: `BIRD says: ${error}` };
}
