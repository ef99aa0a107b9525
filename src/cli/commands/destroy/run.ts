import { destroyVm } from '../../../vm/destroy/destroy.ts';
import type { DestroyedVm } from '../../../vm/destroy/destroy.ts';
import { destroyUndoably } from '../../../vm/lease/undo.ts';
import { findVm, presentVm } from '../../../vm/list/unknown-vm.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../../vm/context.ts';
import { isPattern } from '../../../text/pattern.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import { runBatch } from '../../run/batch.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import { confirmDestroy, refuseUnseen } from './confirm.ts';
import type { Environment } from '../../environment.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** Guests that are waited for at the same time: to wait is all that takes time. */
const AT_ONCE = 16;

export interface DestroyOptions {
  readonly format: BatchFormat;
  /** How long a guest may take to shut down; undefined: as usual. */
  readonly graceMs: number | undefined;
  /** That the guests are forced off: whoever names such VMs need not be asked. */
  readonly isForced: boolean;
  /** Yes to whatever would be asked. */
  readonly isSure: boolean;
  readonly ifExists: boolean;
  /** For how long they can be brought back; undefined: not at all. */
  readonly undoMinutes: number | undefined;
  /** Their data disks stay. */
  readonly keepsData: boolean;
}

/** `plow destroy` @throws PlowError, Interrupted */
export async function runDestroy(
  selection: Selection,
  options: DestroyOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const { format, ifExists } = options;
    const ask = format === 'json' ? undefined : environment.ask;
    const vms = await chosen({ ...selection, mayBeNone: ifExists }, options, ask !== undefined, context);
    if (vms.length === 0) context.progress.note('there is no VM to destroy');
    await settle(vms, options, ask, context);
    const inTurn = turns();
    const tasks = vms.map((vm) => taskOf(vm, { ...options, inTurn }));
    const how = { action: 'destroy', format, atOnce: AT_ONCE, verbose: settings.verbose, pause } as const;
    await runBatch(tasks, how, context, environment);
  });
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
  return vms.map((vm) => ({ ...vm, find: vm.uuid === null ? undefined : once(vm.find) }));
}

/** Asks where somebody can be asked; else what is not named is left alone. @throws PlowError, Interrupted */
async function settle(
  vms: readonly Meant[],
  { isForced, isSure, undoMinutes, keepsData }: DestroyOptions,
  ask: Environment['ask'],
  context: VmContext,
): Promise<void> {
  const unseen = vms.filter(({ isNamed }) => !isNamed);
  if (isSure || (isForced && unseen.length === 0)) return;
  if (ask === undefined) return refuseUnseen(unseen);
  // One that is gone meanwhile is told of in its turn.
  const looking = vms.map(async ({ find }) => find?.().catch(() => undefined));
  const domains = await Promise.all(looking);
  await confirmDestroy(
    domains.filter((domain) => domain !== undefined),
    ask,
    context,
    undoMinutes === undefined ? (keepsData ? 'but data' : 'whole') : 'for a time',
  );
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

interface TaskOptions extends DestroyOptions {
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

function taskOf({ name, uuid, find }: Meant, options: TaskOptions): Task {
  const { graceMs, ifExists, undoMinutes, keepsData, inTurn } = options;
  const grace = graceMs === undefined ? {} : { graceMs };
  return {
    name,
    known: { uuid },
    run: async (context) => {
      const wanted = find === undefined ? name : await find();
      if (undoMinutes !== undefined) return hide(wanted, undoMinutes, options, context);
      return resultOf(name, await destroyVm(wanted, context, { ...grace, ifExists, keepsData, inTurn }));
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

/** Has work done one after the other, in the order it was asked for, whatever becomes of it. */
function turns(): TaskOptions['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
