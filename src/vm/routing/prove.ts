import { setTimeout as sleep } from 'node:timers/promises';
import { PlowError } from '../../errors/plow-error.ts';
import type { BgpSession } from '../../hypervisor/routes.ts';
import { hookScript } from '../../routing/hook.ts';
import { HOOK_FILE } from '../../routing/places.ts';
import type { VmContext } from '../context.ts';
import { isDrained, neighbourText } from './bgp-findings.ts';
import { SETUP } from './finding.ts';
import { lookAtHook } from './hook.ts';
import type { Hook } from './hook.ts';
import { lookAtBird } from './look.ts';
import { endsOf, ownSessions } from './places.ts';

/** An address of a VM that has just been started, and its tap. */
interface Started {
  readonly address: string;
  readonly tap: string;
}

type Here = Pick<VmContext, 'hypervisor' | 'progress'>;

/** BIRD takes milliseconds; what takes longer than this is told. */
const ANNOUNCED_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 50;

/**
 * Looks whether the hook has given the taps of a VM their addresses: libvirt starts a VM without a word where
 * it has no hook, or may not run it. Nothing is looked at where the hypervisor is another machine.
 * @param so how things stand where something is missing, as `VM 'web' runs`
 * @throws PlowError (operation) where something is missing
 */
export async function proveRouted(started: readonly Started[], { hypervisor }: Here, so = ''): Promise<void> {
  const { local, routes } = hypervisor;
  if (started.length === 0 || local === undefined || routes === undefined) return;
  const [taps, hostRoutes] = await Promise.all([routes.taps(), routes.hostRoutes()]);
  if (taps === undefined) return;
  const missing = started.find(({ address, tap }) => {
    const found = taps.find(({ name }) => name === tap);
    return found === undefined || endsOf(found, address, hostRoutes) === undefined;
  });
  if (missing === undefined) return;
  const { address, tap } = missing;
  const hook = await lookAtHook(local, hookScript());
  const { why, repair } = whyUnrouted(hook);
  const begin = so === '' ? '' : `${so}, and `;
  const message = `${begin}nothing routes ${address} on this host: tap ${tap} has no address (${why})`;
  throw new PlowError('operation', message, { hint: repair });
}

function whyUnrouted({ state }: Hook): { readonly why: string; readonly repair: string } {
  if (state === 'missing') return { why: `there is no hook ${HOOK_FILE}`, repair: SETUP };
  if (state === 'closed') return { why: `the hook ${HOOK_FILE} is not executable`, repair: SETUP };
  if (state === 'changed') return { why: `the hook ${HOOK_FILE} is not that of this plow`, repair: SETUP };
  return {
    why: `libvirt has not run the hook ${HOOK_FILE}`,
    repair: `${SETUP} (libvirt looks for hooks when it starts or reloads; with SELinux: restorecon -R /etc/libvirt/hooks)`,
  };
}

/**
 * Tells of addresses that BIRD does not announce in time, or of a host that is drained. A host without plow's
 * own sessions is nobody's to judge.
 */
export async function tellUnannounced(
  started: readonly Started[],
  { hypervisor, progress, signal }: Here & Pick<VmContext, 'signal'>,
): Promise<void> {
  if (started.length === 0) return;
  const deadline = performance.now() + ANNOUNCED_WITHIN_MS;
  for (;;) {
    const seen = await lookAtBird(hypervisor);
    if (seen === undefined) return;
    const addresses = started.map(({ address }) => address);
    if (isDrained(seen, seen.bird)) {
      progress.note(`this host is drained: ${addresses.join(', ')} is not announced (plow network undrain)`);
      return;
    }
    const silent = ownSessions(seen.bird).filter((session) => addresses.some((one) => !tells(session, one)));
    if (silent.length === 0) return;
    if (signal.aborted || performance.now() > deadline) {
      const whom = silent.map((one) => `${neighbourText(one)}: ${one.state}`).join('; ');
      progress.note(`${addresses.join(', ')} is not announced to ${whom} (plow network status says more)`);
      return;
    }
    // A session that is down comes up later, or never.
    if (silent.every(({ isEstablished }) => !isEstablished)) {
      const whom = silent.map((one) => `${neighbourText(one)}, ${one.state}`).join('; ');
      progress.note(`${addresses.join(', ')} is not announced to ${whom}`);
      return;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function tells({ exports }: BgpSession, wanted: string): boolean {
  return exports === undefined || exports.some(({ address }) => address === wanted);
}
