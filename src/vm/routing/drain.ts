import { PlowError } from '../../errors/plow-error.ts';
import type { BgpSession, Bird, RouteFacts } from '../../hypervisor/routes.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import { TAPS_PROTOCOL } from '../../routing/bird.ts';
import { DRAINED_FILE, DRAINED_INCLUDE, DRAINED_TEXT } from '../../routing/drained.ts';
import { BIRD_FILE } from '../../routing/places.ts';
import type { VmContext } from '../context.ts';
import { awaitBird, PATIENCE_TEXT } from './await-bird.ts';
import { neighbourText } from './bgp-findings.ts';
import { addressesText, SETUP } from './finding.ts';
import { ownSessions } from './places.ts';

type Up = Extract<Bird, { readonly state: 'up' }>;

const HINTS = {
  absent: SETUP,
  denied: 'run it as root',
  silent: 'birdc show status; nothing was changed',
} as const;

interface Here {
  readonly local: LocalFacts;
  readonly routes: RouteFacts;
}

/**
 * Withdraws all addresses of this hypervisor, until undrain: a file says so to BIRD, so that no reload and no
 * restart gives them back. VMs, taps and routes of the kernel stay: what is under way arrives.
 * @throws PlowError (config, operation)
 */
export async function drain({ hypervisor, progress }: VmContext): Promise<void> {
  const here = hereOf(hypervisor, 'drain');
  await refuseOlder(here.local);
  const bird = await birdOf(here.routes);
  const isNew = !(await here.local.exists(DRAINED_FILE));
  await keep(here.routes, DRAINED_TEXT);
  if (bird === undefined) {
    progress.note('BIRD does not run: once it does, it will announce no address');
    return;
  }
  const before = announced(bird) ?? 0;
  const changed = await here.routes.switchProtocol(TAPS_PROTOCOL, false);
  if (changed !== 'done') {
    if (isNew) await here.routes.keepFile(DRAINED_FILE, undefined);
    throw new PlowError('operation', `cannot withdraw the addresses: ${changed.why}`);
  }
  const seen = await until(here.routes, (now) => announced(now) === 0);
  if (seen === undefined) throw late('announces addresses still, or does not say');
  const whom = ownSessions(bird).map(neighbourText).join(', ');
  const what = before === 0 ? 'nothing was announced' : `${addressesText(before)} withdrawn from ${whom}`;
  progress.success(`This host is drained: ${what}`);
}

/** Gives back what drain has withdrawn, of VMs that run now. @throws PlowError (config, operation) */
export async function undrain({ hypervisor, progress }: VmContext): Promise<void> {
  const { routes } = hereOf(hypervisor, 'undrain');
  const bird = await birdOf(routes);
  await keep(routes, undefined);
  if (bird === undefined) {
    progress.note('BIRD does not run: once it does, it will announce the addresses');
    return;
  }
  const changed = await routes.switchProtocol(TAPS_PROTOCOL, true);
  if (changed !== 'done') throw new PlowError('operation', `cannot give back the addresses: ${changed.why}`);
  const seen = await until(routes, (now) => {
    const own = now.routes.filter(({ protocol }) => protocol === TAPS_PROTOCOL).length;
    const isUp = now.protocols.some(({ name, state }) => name === TAPS_PROTOCOL && state === 'up');
    const isTold = ({ isEstablished, exports }: BgpSession): boolean =>
      !isEstablished || exports === undefined || exports.length >= own;
    return isUp && ownSessions(now).every(isTold);
  });
  if (seen === undefined) throw late('does not announce all addresses');
  const up = ownSessions(seen).filter(({ isEstablished }) => isEstablished);
  const whom = up.length === 0 ? 'nobody: no session is up' : up.map(neighbourText).join(', ');
  progress.success(
    `This host is drained no more: ${addressesText(announced(seen) ?? 0)} announced to ${whom}`,
  );
}

/** @throws PlowError (config) */
function hereOf({ local, routes }: VmContext['hypervisor'], action: string): Here {
  if (local !== undefined && routes !== undefined) return { local, routes };
  throw new PlowError('config', `network ${action} works on the hypervisor itself`, {
    hint: `ssh root@HOST plow network ${action}`,
  });
}

/** BIRD with plow's protocol in it; undefined for one that does not run. @throws PlowError (operation) */
async function birdOf(routes: RouteFacts): Promise<Up | undefined> {
  const bird = await routes.bird();
  if (bird.state === 'down') return undefined;
  if (bird.state !== 'up')
    throw new PlowError('operation', bird.why, {
      hint: HINTS[bird.state],
    });
  if (bird.protocols.some(({ name }) => name === TAPS_PROTOCOL)) return bird;
  const names = bird.sessions.map(({ name }) => name);
  const own =
    names.length === 0 ? '' : `; birdc disable ${names.join(', ')} withdraws all that they announce`;
  throw new PlowError('operation', `BIRD has no protocol ${TAPS_PROTOCOL}: its bird.conf is not plow's`, {
    hint: `${SETUP}${own}`,
  });
}

/** A bird.conf of before there was a drain takes no heed of the file. @throws PlowError (operation) */
async function refuseOlder(local: LocalFacts): Promise<void> {
  const text = await local.read(BIRD_FILE);
  if (text === undefined || text.split('\n').includes(DRAINED_INCLUDE)) return;
  throw new PlowError(
    'operation',
    `${BIRD_FILE} is of an earlier plow, and would not keep the host drained`,
    {
      hint: SETUP,
    },
  );
}

/** @throws PlowError (operation) */
async function keep(routes: RouteFacts, text: string | undefined): Promise<void> {
  const kept = await routes.keepFile(DRAINED_FILE, text);
  if (kept !== 'done') throw new PlowError('operation', `cannot change ${DRAINED_FILE}: ${kept.why}`);
}

/** How many addresses plow's sessions tell of; undefined where one does not say. */
function announced(bird: Up): number | undefined {
  const told = ownSessions(bird).map(({ exports }) => exports);
  const known = told.filter((exports) => exports !== undefined);
  if (known.length < told.length) return undefined;
  return new Set(known.flat().map(({ address }) => address)).size;
}

function until(routes: RouteFacts, isSo: (bird: Up) => boolean): Promise<Up | undefined> {
  return awaitBird(routes, (bird) => (bird.state === 'up' && isSo(bird) ? bird : undefined));
}

function late(what: string): PlowError {
  return new PlowError('operation', `BIRD ${what} after ${PATIENCE_TEXT}`, {
    hint: 'plow network status says which',
  });
}
