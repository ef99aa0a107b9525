import { posix } from 'node:path';
import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { bytesText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { stopVm } from '../lifecycle/power.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { onItsWay } from '../protection/on-its-way.ts';
import { lookAtArriving } from './arriving.ts';
import type { Arriving } from './arriving.ts';
import { bring } from './bring.ts';
import { compareBases } from './carry.ts';
import type { Ends, MovedVm } from './ends.ts';
import { finish } from './finish.ts';
import { goBack } from './go-back.ts';
import { lookAtOwn } from './leaving.ts';
import type { FileOf, Leaving } from './leaving.ts';
import { assertOurs, assertSameHost, hostUuid, markIn, setMark, stopLent } from './marks.ts';
import { movePlan, refusal } from './survey.ts';
import type { MovePlan } from './survey.ts';
import { switchOver } from './switch.ts';

export interface MoveWish {
  /** One that runs is stopped, and started there. */
  readonly isCold: boolean;
  /** How long its guest may take to shut down. */
  readonly withinMs: number;
  /** Nothing is changed. */
  readonly isDryRun: boolean;
}

/** What came of it; of a dry run its plan alone. */
export interface MoveOutcome {
  readonly moved: MovedVm | undefined;
  /** Undefined of a VM that had moved already. */
  readonly plan: MovePlan | undefined;
}

/** What is to be done, once nothing is in the way. */
interface Plan {
  readonly leaving: Leaving;
  /** Base images that go along. */
  readonly bases: readonly FileOf[];
}

/**
 * Moves a VM to another hypervisor, through whoever runs plow. What it is at any moment stands in the VM's
 * own metadata; whatever fails, the same command goes on, and goBack goes back. Until the switch it is where
 * it was, from then on it is there.
 * @throws PlowError, Interrupted
 */
export async function moveVm(name: string, wish: MoveWish, ends: Ends): Promise<MoveOutcome> {
  const { from, to } = ends;
  const { context } = from;
  context.progress.title(`Moving VM '${name}' from ${from.name} to ${to.name}...`);
  context.progress.begin('Looking at both hypervisors');
  using domain = await presentVm(name, context.hypervisor);
  const cannot = `cannot move VM '${domain.name}' to ${to.name}`;
  try {
    const gone = await markOf(domain, ends);
    if (gone !== undefined && gone.phase !== 'copying') {
      const moved = await finish(domain, gone, ends);
      await stopLent(ends);
      return { moved, plan: undefined };
    }
    const leaving = await lookAtOwn(domain, ends);
    const plan = await planOf(leaving, wish, ends);
    const told = movePlan(to.name, leaving, plan.bases, []);
    tellPlan(told, leaving.metadata.directory, context);
    if (wish.isDryRun) return { moved: undefined, plan: told };
    throwIfInterrupted(context, `VM '${domain.name}' is as it was`);
    return { moved: await onTheWay(domain, plan, wish, ends), plan: told };
  } catch (error) {
    throw explainOfVm(error, domain.name, cannot);
  }
}

/** Of a VM that goes there. @throws PlowError (operation), HypervisorError */
async function markOf(domain: Domain, { to }: Ends): Promise<MoveMark | undefined> {
  const { name } = domain;
  const mark = await markIn(domain);
  if (mark !== undefined && (mark.role === 'incoming' || mark.host !== to.name)) throw onItsWay(name, mark);
  if (mark !== undefined) await assertSameHost(name, mark, to);
  return mark;
}

/** @throws PlowError (operation), with a line for each thing that is in the way */
async function planOf(leaving: Leaving, { isCold }: MoveWish, ends: Ends): Promise<Plan> {
  const { name } = leaving;
  const { to } = ends;
  const { found, arriving } = await inTheWay(leaving, isCold, ends);
  const obstacles = found.length > 0 ? found : await compareBases(arriving.alike, ends);
  if (obstacles.length > 0) throw refusal(name, [{ to: to.name, obstacles }]);
  return { leaving, bases: arriving.bases };
}

async function inTheWay(
  leaving: Leaving,
  isCold: boolean,
  ends: Ends,
): Promise<{ readonly found: readonly string[]; readonly arriving: Arriving }> {
  const { status, mark } = leaving;
  const arriving = await lookAtArriving(leaving, ends, mark?.token);
  const runs =
    status.active && !isCold
      ? [`it is ${status.state}: --cold stops it, moves it and starts it there (or plow stop it first)`]
      : [];
  return { found: [...leaving.obstacles, ...arriving.obstacles, ...runs], arriving };
}

/**
 * What a move would come to. Base images that are on both sides are not read.
 * @throws PlowError, HypervisorError
 */
export async function surveyMove(
  domain: Domain,
  { isCold }: Pick<MoveWish, 'isCold'>,
  ends: Ends,
): Promise<MovePlan> {
  const leaving = await lookAtOwn(domain, ends);
  const { found, arriving } = await inTheWay(leaving, isCold, ends);
  return movePlan(ends.to.name, leaving, arriving.bases, found);
}

function tellPlan({ to, files, bases }: MovePlan, directory: string, { progress }: VmContext): void {
  progress.done(`Nothing is in the way on ${to}`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const each = files.map((file) => `${posix.basename(file.path)} ${bytesText(file.bytes)}`);
  progress.note(`${files.length} files of ${directory} go along, ${bytesText(bytes)}: ${each.join(', ')}`);
  for (const base of bases) progress.note(`its base image ${base.path} goes along, ${bytesText(base.bytes)}`);
}

/** From the record on, until the VM is there. */
async function onTheWay(domain: Domain, plan: Plan, wish: MoveWish, ends: Ends): Promise<MovedVm> {
  const { from } = ends;
  const { context } = from;
  const { leaving, bases } = plan;
  const { name, status } = leaving;
  const before = leaving.mark;
  const mark: MoveMark = {
    role: 'source',
    phase: 'copying',
    token: before?.token ?? context.newUuid(),
    host: ends.to.name,
    hostUuid: await hostUuid(ends.to.context),
    ran: status.active || before?.ran === true,
    autostart: status.autostart || before?.autostart === true,
    bases: [...new Set([...(before?.bases ?? []), ...bases.map(({ path }) => path)])],
  };
  const argument = shellArgument(name);
  const words = `VM '${name}' is on its way: plow move --resume ${argument} goes on, plow move --abort ${argument} goes back`;
  try {
    await setMark(domain, mark);
    await assertOurs(domain, mark);
    if (status.autostart) await domain.setAutostart(false);
    if (status.active) await stop(domain, mark, wish, ends);
    const off = status.active ? await lookAtOwn(domain, ends) : leaving;
    await bring(off, mark, bases, ends);
    await switchOver(domain, off, mark, ends);
    const moved = await finish(domain, { ...mark, role: 'source', phase: 'moved' }, ends);
    if (before !== undefined) await stopLent(ends);
    return moved;
  } catch (error) {
    if (error instanceof Interrupted) throw error.with(words);
    if (!(error instanceof StillHere)) context.progress.note(words);
    throw error;
  }
}

/** It runs, as it did before. */
class StillHere extends PlowError {}

/** A guest that does not shut down keeps its VM where it is. */
async function stop(domain: Domain, mark: MoveMark, { withinMs }: MoveWish, ends: Ends): Promise<void> {
  try {
    await stopVm(domain, ends.from.context, { withinMs, isForced: false, isMove: true });
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
    await goBack(domain, mark, ends);
    throw new StillHere(error.kind, error.message, {
      hint: `--timeout waits longer, plow stop --force ${shellArgument(domain.name)} forces it off first`,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      cause: error,
    });
  }
}
