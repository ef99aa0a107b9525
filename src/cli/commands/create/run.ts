import type { Made } from './wait.ts';
import { printable } from '../../../text/printable.ts';
import type { Environment } from '../../environment.ts';
import { runWorkflow, whileConnecting } from '../../run/session.ts';
import type { CreateOptions, TaskOf } from './options.ts';
import type { Places } from '../../settings/places.ts';

/**
 * `plow create <config.yaml...>`: all files are checked first, then a VM is made of one after the other, on
 * each host that is meant.
 * @throws PlowError, Interrupted
 */
export async function runCreate(
  files: readonly string[],
  options: CreateOptions,
  places: Places,
  environment: Environment,
): Promise<void> {
  const { format, condition } = options;
  const { readMachines } = await import('./machines.ts');
  const { all, warnings, uploads } = await readMachines(files, options, places);
  if (condition !== undefined) {
    const { assertAwaitable } = await import('./wait.ts');
    assertAwaitable(
      all.flatMap(({ machines }) => machines),
      condition,
    );
  }
  if (format === 'text') {
    for (const warning of warnings) environment.output.say(`warning: ${printable(warning)}`);
  }
  const loading = whileConnecting(loadWork);
  const [one, other] = all;
  if (one === undefined) return;
  if (other !== undefined || places.areSeveral) {
    const { createOnHosts } = await import('./hosts.ts');
    const { taskOf } = await loading;
    return createOnHosts(all, { ...options, uploads }, taskOf, environment);
  }
  const { settings, machines } = one;
  await runWorkflow(settings, environment, 'stopping', async (context, pause) => {
    const { runBatch, taskOf } = await loading;
    const made: Made[] = [];
    const tasks = machines.map((loaded) => taskOf(loaded, { ...options, uploads }, (vm) => made.push(vm)));
    const usual = { format, verbose: settings.verbose, pause } as const;
    const guarded = { ...context, guard: options.guardOf(settings) };
    await runBatch(tasks, { ...usual, action: 'create', atOnce: 1 }, guarded, environment);
    if (condition === undefined) return;
    const { waitTasks } = await import('./wait.ts');
    const waiting = waitTasks(made, { condition, withinMs: options.withinMs }, context);
    await runBatch(waiting, { ...usual, action: 'wait', atOnce: waiting.length }, context, environment);
  });
}

interface Work {
  readonly runBatch: typeof import('../../run/batch/batch.ts').runBatch;
  readonly taskOf: TaskOf;
}

/** What makes VMs, and what runs it. */
export async function loadWork(): Promise<Work> {
  const [{ runBatch }, { createVm }, { existingVm }] = await Promise.all([
    import('../../run/batch/batch.ts'),
    import('../../../vm/create/create.ts'),
    import('../../../vm/create/existing-vm.ts'),
  ]);
  const taskOf: TaskOf = (loaded, { ifNotExists, adoptsData, uploads }, onMade) => {
    const { name, interfaces } = loaded.machine;
    const known = { name, addresses: interfaces.map(({ address }) => address), left: [] };
    return {
      name,
      known,
      warnings: loaded.warnings,
      run: async (context, onLeft) => {
        const existing = ifNotExists ? await existingVm(name, context) : undefined;
        if (existing === undefined) {
          const ready = (await uploads?.bring(loaded, context)) ?? loaded;
          const { uuid } = await createVm(ready, context, { onLeft, adoptsData });
          onMade({ name, uuid });
          return { ...known, uuid, status: 'created' };
        }
        context.progress.note(`VM '${name}' exists already: nothing was made`);
        onMade({ name, uuid: existing.uuid });
        return { ...known, uuid: existing.uuid, status: 'exists' };
      },
    };
  };
  return { runBatch, taskOf };
}
