import type { LoadedMachine } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { Verdict } from '../../../errors/verdict.ts';
import type { VmContext } from '../../../vm/context.ts';
import { presentVm } from '../../../vm/list/unknown-vm.ts';
import { shellArgument } from '../../../text/shell-quote.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { WAIT_MS } from '../../../vm/wait/wait.ts';
import type { Task } from '../../run/batch/task.ts';
import { waitTask } from '../../run/wait-task.ts';

/** A VM that is there. */
export interface Made {
  readonly name: string;
  readonly uuid: string;
}

/**
 * Of guests that Ignition sets up cloud-init is not awaited.
 * @param option that names the condition @throws PlowError (validation)
 */
export function assertAwaitable(
  machines: readonly LoadedMachine[],
  condition: Condition | undefined,
  option = '--wait-for',
): void {
  if (condition !== 'cloud-init') return;
  const wrong = machines.filter(({ machine }) => machine.provisioning?.format === 'ignition');
  if (wrong.length === 0) return;
  const path = ['provisioning', 'format'];
  const words = noCloudInit(option);
  throw new PlowError('validation', wrong.map((one) => `${one.locate(path)}: ${words}`).join('\n'), {
    mistakes: wrong.map((one) => one.mistake(path, words)),
  });
}

function noCloudInit(option: string): string {
  const instead = option === '--wait-for' ? '--wait waits for ssh' : `${option} ssh waits`;
  return `cloud-init, which ${option} names, is not in this guest: ${instead}, which answers once Ignition is done`;
}

interface CreateWait {
  readonly condition: Condition;
  readonly withinMs: number | undefined;
}

/** To wait for VMs that were made. None is taken back any more, whatever comes of it. */
export function waitTasks(
  made: readonly Made[],
  { condition, withinMs = WAIT_MS }: CreateWait,
  context: VmContext,
): readonly Task[] {
  context.making(false);
  return made.map(({ name, uuid }) => {
    const find = (): ReturnType<typeof presentVm> => presentVm(uuid, context.hypervisor);
    const task = waitTask({ name, uuid, find }, { condition, withinMs });
    return { ...task, run: (...given) => kept(task.run(...given), name, given[0]) };
  });
}

async function kept<T>(waiting: Promise<T>, name: string, { progress }: VmContext): Promise<T> {
  try {
    return await waiting;
  } catch (error) {
    if (error instanceof Verdict)
      progress.note(`VM '${name}' was made, and is kept: plow destroy ${shellArgument(name)} removes it`);
    throw error;
  }
}
