import { destroyVm } from '../../../vm/destroy/destroy.ts';
import type { DestroyedVm } from '../../../vm/destroy/destroy.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import { findVms } from '../../../vm/list/select.ts';
import { runBatch } from '../../run/batch.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import { confirmDestroy } from './confirm.ts';
import type { Environment } from '../../environment.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { checkVmName } from '../../options/vm-name.ts';

/** Guests that are waited for at the same time: to wait is all that takes time. */
const AT_ONCE = 16;

export interface DestroyOptions {
  readonly format: BatchFormat;
  /** How long a guest may take to shut down; undefined: as usual. */
  readonly graceMs: number | undefined;
  /** On a terminal. */
  readonly mayAsk: boolean;
  readonly ifExists: boolean;
}

/** `plow destroy <vm-name...>` @throws PlowError, Interrupted */
export async function runDestroy(
  names: readonly string[],
  options: DestroyOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  for (const name of names) checkVmName('destroy', name);
  const { ask } = environment;
  const asks = options.mayAsk && options.format !== 'json' && ask !== undefined;
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const words = [...new Set(names)];
    // One alone, of which nothing is to be known before, is looked up when it is destroyed.
    const isPlain = words.length === 1 && !asks && options.format !== 'json';
    const vms = isPlain ? words : await findVms(words, context.hypervisor);
    if (asks)
      await confirmDestroy(
        vms.filter((vm) => typeof vm !== 'string'),
        ask,
        context,
      );
    const inTurn = turns();
    const tasks = vms.map((vm) => taskOf(vm, { ...options, inTurn }));
    const { format } = options;
    const how = { action: 'destroy', format, atOnce: AT_ONCE, verbose: settings.verbose, pause } as const;
    await runBatch(tasks, how, context, environment);
  });
}

interface TaskOptions extends DestroyOptions {
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

function taskOf(vm: Domain | string, { graceMs, ifExists, inTurn }: TaskOptions): Task {
  const name = typeof vm === 'string' ? vm : vm.name;
  const grace = graceMs === undefined ? {} : { graceMs };
  return {
    name,
    known: { uuid: typeof vm === 'string' ? null : vm.uuid },
    run: async (context) => resultOf(name, await destroyVm(vm, context, { ...grace, ifExists, inTurn })),
  };
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
