import { PlowError } from '../../errors/plow-error.ts';
import type { DomainState } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import type { End } from '../../libvirt-xml/metadata/end.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { standing, throwIfInterrupted } from '../interruption.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import { readDocument } from '../read-document.ts';
import { SESSION_AUTOSTART } from './session-autostart.ts';
import { proveRouted, tellUnannounced } from '../routing/prove.ts';
import { routedInText } from '../routing/routed.ts';
import { shutDownUnrouted } from './shut-down-unrouted.ts';
import { forceOff, pressed, RESPONSIVE, untouched } from './shut-down.ts';

/** Whether anything had to be done. */
export type Changed = 'changed' | 'unchanged';

/** States of a VM that has its CPUs running. */
const RUNS: ReadonlySet<DomainState> = new Set(['running', 'idle', 'no state']);

/** States from which a resume helps. */
const SLEEPS: ReadonlySet<DomainState> = new Set(['paused', 'pmsuspended']);

/**
 * Why libvirt pauses a VM for a while, to let it go on by itself; in the words of `virsh domstate --reason`.
 */
const FOR_A_WHILE: ReadonlySet<string | undefined> = new Set([
  'migrating',
  'saving',
  'dumping',
  'from snapshot',
  'creating snapshot',
  'starting up',
  'post-copy',
]);

/** How long a guest may take to shut down. */
export const SHUTDOWN_MS = 60_000;

export interface StopOptions {
  /** How long the guest may take. */
  readonly withinMs: number;
  /** The guest is not asked: the plug is pulled at once. */
  readonly isForced: boolean;
  /** It is stopped by what takes it elsewhere. */
  readonly isMove?: boolean;
}

/** Starts a VM that is off. @throws PlowError (operation) @throws Interrupted */
export async function startVm(domain: Domain, context: VmContext): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Starting VM '${name}'`);
  return about(domain, 'start', async () => {
    const state = await domain.state();
    if (RUNS.has(state)) return already(context, `VM '${name}' runs already`);
    const stored = await domain.xml('stored');
    refuseIncomplete(name, stored);
    if (state !== 'shut off') throw notOff(name, state);
    throwIfInterrupted(context, untouched(domain));
    await domain.start();
    await proveRouted(routedInText(stored), context, `VM '${name}' runs`);
    progress.done(`VM '${name}' started`);
    await tellUnannounced(routedInText(stored), context);
    return 'changed';
  });
}

/**
 * Asks the guest to shut down, and never pulls the plug unless it is told to.
 * @throws PlowError (operation) for one that still runs @throws Interrupted
 */
export async function stopVm(domain: Domain, context: VmContext, options: StopOptions): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Stopping VM '${name}'`);
  return about(domain, 'stop', async () => {
    const state = await domain.state();
    if (state === 'shut off') return already(context, `VM '${name}' is not running`);
    if (options.isMove !== true) await refuseMoving(domain);
    await bringDown(domain, state, context, options);
    progress.done(`VM '${name}' stopped`);
    return 'changed';
  });
}

/** Stops a VM and starts it again, from what is stored; one that is off is started. @throws as the two */
export async function restartVm(domain: Domain, context: VmContext, options: StopOptions): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Restarting VM '${name}'`);
  return about(domain, 'restart', async () => {
    const stored = await domain.xml('stored');
    refuseIncomplete(name, stored);
    if (!(await domain.isPersistent()))
      throw new PlowError('operation', `VM '${name}' is transient: it is gone once it stops`);
    const state = await domain.state();
    if (state !== 'shut off') await bringDown(domain, state, context, options);
    throwIfInterrupted(context, `VM '${name}' is off`);
    try {
      await domain.start();
    } catch (error) {
      throw explainOfVm(error, name, `VM '${name}' is off: it could not be started again`);
    }
    await proveRouted(routedInText(stored), context, `VM '${name}' runs`);
    progress.done(`VM '${name}' restarted`);
    await tellUnannounced(routedInText(stored), context);
    return 'changed';
  });
}

/**
 * Halts the CPUs of a VM; it keeps its memory.
 * @param isNamed else one that is off is passed over
 * @throws PlowError (operation) @throws Interrupted
 */
export async function suspendVm(domain: Domain, context: VmContext, isNamed = true): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Suspending VM '${name}'`);
  return about(domain, 'suspend', async () => {
    const state = await domain.state();
    if (state === 'paused') {
      await refuseForAWhile(domain);
      return already(context, `VM '${name}' is suspended already`);
    }
    if (state === 'shut off' && !isNamed) return already(context, `VM '${name}' is not running`);
    if (!RESPONSIVE.has(state)) throw notRunning(name, state);
    await refuseMoving(domain);
    throwIfInterrupted(context, untouched(domain));
    await domain.suspend();
    progress.done(`VM '${name}' suspended`);
    return 'changed';
  });
}

/**
 * Lets a suspended VM go on, and wakes one that sleeps.
 * @param isNamed else one that is off is passed over
 * @throws PlowError (operation) @throws Interrupted
 */
export async function resumeVm(domain: Domain, context: VmContext, isNamed = true): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Resuming VM '${name}'`);
  return about(domain, 'resume', async () => {
    const state = await domain.state();
    if (RUNS.has(state)) return already(context, `VM '${name}' runs already`);
    if (state === 'shut off' && !isNamed) return already(context, `VM '${name}' is not running`);
    if (!SLEEPS.has(state)) throw notRunning(name, state);
    refuseIncomplete(name, await domain.xml('stored'));
    await refuseForAWhile(domain);
    throwIfInterrupted(context, untouched(domain));
    await (state === 'paused' ? domain.resume() : domain.wakeUp());
    progress.done(`VM '${name}' resumed`);
    return 'changed';
  });
}

/** Whether a VM starts with the host. @throws PlowError (operation) @throws Interrupted */
export async function autostartVm(domain: Domain, context: VmContext, on: boolean): Promise<Changed> {
  const { name } = domain;
  const { hypervisor, progress } = context;
  const whom = hypervisor.isSession ? "this user's libvirt" : 'the host';
  const words = `${on ? 'starts' : 'does not start'} with ${whom}`;
  progress.begin(`Changing VM '${name}'`);
  return about(domain, 'change autostart of', async () => {
    if ((await domain.autostart()) === on)
      return already(context, `VM '${name}' ${words}${on ? ' already' : ' anyway'}`);
    const document = readDocument({ name, xml: await domain.xml('stored') });
    if (on) refuseGoing(name, document);
    else refuseOnItsWay(name, document);
    throwIfInterrupted(context, untouched(domain));
    await domain.setAutostart(on);
    if (on && hypervisor.isSession) progress.note(SESSION_AUTOSTART);
    progress.done(`VM '${name}' ${words}${on ? '' : ' any more'}`);
    return 'changed';
  });
}

async function about(domain: Domain, verb: string, work: () => Promise<Changed>): Promise<Changed> {
  try {
    return await work();
  } catch (error) {
    throw explainOfVm(error, domain.name, `cannot ${verb} VM '${domain.name}'`);
  }
}

function already({ progress }: VmContext, words: string): Changed {
  progress.note(words);
  return 'unchanged';
}

async function bringDown(
  domain: Domain,
  state: DomainState,
  context: VmContext,
  { withinMs, isForced }: StopOptions,
): Promise<void> {
  const { name } = domain;
  if (isForced) {
    throwIfInterrupted(context, untouched(domain));
    await forceOff(domain);
    return;
  }
  if (!RESPONSIVE.has(state)) {
    throw new PlowError('operation', `VM '${name}' is ${inWords(state)}: its guest cannot shut down`, {
      hint: SLEEPS.has(state)
        ? `plow resume ${shellArgument(name)} lets it go on, --force forces it off`
        : '--force forces it off',
    });
  }
  const shuttingDown = shutDownUnrouted(domain, context, { withinMs, until: 'stopped' });
  const stillOn = await standing(shuttingDown, pressed(domain)).catch((error: unknown) => {
    const words = `cannot tell whether VM '${name}' stops: its power button may have been pressed`;
    throw explainOfVm(error, name, words);
  });
  if (stillOn === undefined) return;
  throwIfInterrupted(context, pressed(domain));
  const message = `VM '${name}' still runs: its guest ${stillOn.why}`;
  if (stillOn.cause !== undefined) throw explainOfVm(stillOn.cause, name, message);
  throw new PlowError('operation', message, { hint: '--timeout waits longer, --force forces it off' });
}

/** @throws PlowError for one that libvirt has paused for work of its own */
async function refuseForAWhile(domain: Domain): Promise<void> {
  const { state, reason } = await domain.status();
  if (state !== 'paused' || !FOR_A_WHILE.has(reason)) return;
  throw new PlowError('operation', `VM '${domain.name}' is paused for a while: ${reason}`, {
    hint: 'wait until it goes on',
  });
}

/**
 * A VM whose create did not end may lack its disks or its seed, and one that was destroyed and can be brought
 * back is nobody's to change. @throws PlowError
 */
export function refuseIncomplete(name: string, xml: string): void {
  const document = readDocument({ name, xml });
  refuseGoing(name, document);
  if (metadataInDomain(document)?.status !== 'creating') return;
  throw new PlowError('operation', `VM '${name}' is incomplete: its create is under way, or died`, {
    hint: `plow destroy ${shellArgument(name)} removes what is there`,
  });
}

/** @throws PlowError for one that goes elsewhere */
async function refuseMoving(domain: Domain): Promise<void> {
  const { name } = domain;
  refuseOnItsWay(name, readDocument({ name, xml: await domain.xml('stored') }));
}

/** One that goes elsewhere, or away. @throws PlowError */
function refuseGoing(name: string, document: XmlElement): void {
  refuseOnItsWay(name, document);
  refuseDestroyed(name, endOf(document));
}

/** One that was destroyed and can be brought back is nobody's to change. @throws PlowError */
export function refuseDestroyed(name: string, { undo }: End): void {
  if (undo === undefined) return;
  throw new PlowError('operation', `VM '${name}' is destroyed`, {
    hint: `plow undelete ${shellArgument(name)} brings it back`,
  });
}

function notOff(name: string, state: DomainState): PlowError {
  const argument = shellArgument(name);
  const hints: Readonly<Partial<Record<DomainState, string>>> = {
    paused: `plow resume ${argument} lets it go on`,
    pmsuspended: `plow resume ${argument} wakes it`,
    'in shutdown': 'wait until it is off',
    crashed: `plow stop --force ${argument} forces it off`,
  };
  const hint = hints[state];
  const message = `VM '${name}' is ${inWords(state)}, not off`;
  return new PlowError('operation', message, hint === undefined ? {} : { hint });
}

function notRunning(name: string, state: DomainState): PlowError {
  if (state !== 'shut off') return new PlowError('operation', `VM '${name}' is ${inWords(state)}`);
  return new PlowError('operation', `VM '${name}' is not running`, {
    hint: `plow start ${shellArgument(name)} starts it`,
  });
}

function inWords(state: DomainState): string {
  if (state === 'pmsuspended') return 'asleep';
  return state === 'in shutdown' ? 'shutting down' : state;
}
