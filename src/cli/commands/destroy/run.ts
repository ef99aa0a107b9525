import { destroyVm } from '../../../vm/destroy/destroy.ts';
import type { DestroyedVm } from '../../../vm/destroy/destroy.ts';
import { destroyUndoably } from '../../../vm/lease/undo.ts';
import { findVm, presentVm } from '../../../vm/list/unknown-vm.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../../vm/context.ts';
import { isPattern } from '../../../text/pattern.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import { runBatch } from '../../run/batch/batch.ts';
import type { DestroyOptions } from './options.ts';
import type { Task } from '../../run/batch/task.ts';
import { settleDestroy } from './confirm.ts';
import { inTurns } from '../../run/in-turns.ts';
import { onlyOne } from '../../settings/settings.ts';
import { once } from '../../run/once.ts';
import { areSeveral } from '../../run/hosts/several.ts';
import type { Environment } from '../../environment.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** Guests that are waited for at the same time: to wait is all that takes time. */
const AT_ONCE = 16;

const REACTION = 'stopping here; run the same command again to go on';

/**
 * `plow destroy`
 * @param all the hosts that are meant, one at least @throws PlowError, Interrupted
 */
export async function runDestroy(
  selection: Selection,
  options: DestroyOptions,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const { format, ifExists } = options;
  const wanted = { ...selection, mayBeNone: ifExists };
  const ask = format === 'json' ? undefined : environment.ask;
  const how = { action: 'destroy', format, atOnce: AT_ONCE } as const;
  if (areSeveral(all)) {
    const { runOnHosts } = await import('../../run/hosts/on-hosts.ts');
    const { beforeOnHosts } = await import('./hosts.ts');
    const before = beforeOnHosts(wanted, options, all, ask);
    const work = { ...how, reaction: REACTION, selection: wanted, before };
    const tasksOf = (vms: readonly SelectedVm[]): readonly Task[] => tasksOfHost(vms.map(known), options);
    return runOnHosts({ ...work, tasksOf }, all, environment);
  }
  const settings = onlyOne(all);
  await runWorkflow(settings, environment, REACTION, async (context, pause) => {
    const vms = await chosen(wanted, options, ask !== undefined, context);
    if (vms.length === 0) context.progress.note('there is no VM to destroy');
    await settle(vms, options, ask, context);
    const tasks = tasksOfHost(vms, options);
    await runBatch(tasks, { ...how, verbose: settings.verbose, pause }, context, environment);
  });
}

/** Files are looked at for one VM of a host after the other. */
export function tasksOfHost(vms: readonly Meant[], options: DestroyOptions): readonly Task[] {
  const inTurn = inTurns();
  return vms.map((vm) => taskOf(vm, { ...options, inTurn }));
}

/** A VM that is meant, or a word for one that is looked up when it is destroyed. */
type Meant = Omit<SelectedVm, 'find'> & { readonly find: (() => Promise<Domain>) | undefined };

async function chosen(
  selection: Selection,
  { format, isForced, isSure }: DestroyOptions,
  mayAsk: boolean,
  { hypervisor }: VmContext,
): Promise<readonly Meant[]> {
  const { words, all, tags } = selection;
  const [only] = words;
  const isOne = new Set(words).size === 1 && !all && tags.length === 0;
  // One alone, of which nothing is to be known before, is looked up when it is destroyed.
  const isPlain = isOne && (isSure || isForced || !mayAsk) && format !== 'json';
  if (isPlain && only !== undefined && !isPattern(only))
    return [{ name: only, uuid: null, isNamed: true, find: undefined }];
  const vms = await selectVms(selection, hypervisor);
  return vms.map(known);
}

function known(vm: SelectedVm): Meant {
  return { ...vm, find: vm.uuid === null ? undefined : once(vm.find) };
}

async function settle(
  vms: readonly Meant[],
  options: DestroyOptions,
  ask: Environment['ask'],
  { signal }: VmContext,
): Promise<void> {
  const present = vms.map(({ name, isNamed, find }) => ({ name, isNamed, find: async () => find?.() }));
  await settleDestroy(present, options, ask, signal);
}

interface TaskOptions extends DestroyOptions {
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

function taskOf({ name, uuid, find }: Meant, options: TaskOptions): Task {
  const { graceMs, ifExists, undoMinutes, keepsData, dropsTpm, inTurn } = options;
  const grace = graceMs === undefined ? {} : { graceMs };
  return {
    name,
    known: { uuid },
    run: async (context) => {
      const wanted = find === undefined ? name : await find();
      if (undoMinutes !== undefined) return hide(wanted, undoMinutes, options, context);
      return resultOf(
        name,
        await destroyVm(wanted, context, { ...grace, ifExists, keepsData, dropsTpm, inTurn }),
      );
    },
  };
}

/** Destroys a VM so that it can be brought back. */
async function hide(
  wanted: string | Domain,
  minutes: number,
  { graceMs, ifExists }: TaskOptions,
  context: VmContext,
): ReturnType<Task['run']> {
  const look = ifExists ? findVm : presentVm;
  using domain = typeof wanted === 'string' ? await look(wanted, context.hypervisor) : wanted;
  if (domain === undefined) return resultOf(typeof wanted === 'string' ? wanted : wanted.name, undefined);
  const until = await destroyUndoably(domain, context, { minutes, graceMs });
  const { name, uuid } = domain;
  return { name, uuid, status: until === undefined ? 'unchanged' : 'destroyed', addresses: [], left: [] };
}

function resultOf(wanted: string, destroyed: DestroyedVm | undefined): Awaited<ReturnType<Task['run']>> {
  if (destroyed === undefined) return { name: wanted, uuid: null, status: 'absent', addresses: [], left: [] };
  const { name, uuid, addresses, left } = destroyed;
  const entries = [...left].map(([what, why]) => ({ what, why }));
  return { name, uuid, status: 'destroyed', addresses: [...addresses], left: entries };
}
