import type { LoadedMachine } from '../../../config/machine.ts';
import type { Uploads } from './uploads.ts';
import type { Made } from './wait.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { printable } from '../../../text/printable.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { runWorkflow, whileConnecting } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

export interface CreateOptions extends OutsideFiles {
  readonly format: BatchFormat;
  /** Of a VM that exists nothing more is wanted. */
  readonly ifNotExists: boolean;
  /** In place of what the files say. */
  readonly lifetimeMinutes: number | undefined;
  /** What is waited for once they are made. */
  readonly condition: Condition | undefined;
  readonly withinMs: number | undefined;
  readonly adoptsData: boolean;
  /** Base images of this machine are brought to the hypervisor. */
  readonly upload: boolean;
}

/**
 * `plow create <config.yaml...>`: all files are checked first, then a VM is made of one after the other.
 * @throws PlowError, Interrupted
 */
export async function runCreate(
  files: readonly string[],
  {
    format,
    ifNotExists,
    lifetimeMinutes,
    condition,
    withinMs,
    adoptsData,
    upload,
    ...outside
  }: CreateOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const [{ readMachineFiles }, { vmFileReader }] = await Promise.all([
    import('../../../config/vm-file/load.ts'),
    import('../../settings/vm-files.ts'),
  ]);
  const read = await readMachineFiles(files, settings, vmFileReader(settings, outside, upload));
  const machines = read.map((loaded) => withLifetime(loaded, lifetimeMinutes));
  const uploads = await uploadsOf(machines);
  if (format === 'text') {
    for (const warning of machines.flatMap(({ warnings }) => warnings))
      environment.output.say(`warning: ${printable(warning)}`);
  }
  const loading = whileConnecting(loadWork);
  await runWorkflow(settings, environment, 'stopping', async (context, pause) => {
    const { runBatch, taskOf } = await loading;
    const made: Made[] = [];
    const tasks = machines.map((loaded) =>
      taskOf(loaded, { ifNotExists, adoptsData, uploads }, (vm) => made.push(vm)),
    );
    const usual = { format, verbose: settings.verbose, pause } as const;
    await runBatch(tasks, { ...usual, action: 'create', atOnce: 1 }, context, environment);
    if (condition === undefined) return;
    const { waitTasks } = await import('./wait.ts');
    const waiting = waitTasks(made, { condition, withinMs }, context);
    await runBatch(waiting, { ...usual, action: 'wait', atOnce: waiting.length }, context, environment);
  });
}

/** Undefined where no file names an image of this machine. @throws PlowError (validation) */
export async function uploadsOf(machines: readonly LoadedMachine[]): Promise<Uploads | undefined> {
  if (machines.every(({ localImage }) => localImage === undefined)) return undefined;
  return (await import('./uploads.ts')).Uploads.of(machines);
}

/** With another lifetime than its file says; undefined: with that. */
export function withLifetime(loaded: LoadedMachine, lifetimeMinutes: number | undefined): LoadedMachine {
  return lifetimeMinutes === undefined
    ? loaded
    : { ...loaded, machine: { ...loaded.machine, lifetimeMinutes } };
}

interface Work {
  readonly runBatch: typeof import('../../run/batch.ts').runBatch;
  readonly taskOf: (
    loaded: LoadedMachine,
    how: Pick<CreateOptions, 'ifNotExists' | 'adoptsData'> & { readonly uploads: Uploads | undefined },
    onMade: (vm: Made) => void,
  ) => Task;
}

async function loadWork(): Promise<Work> {
  const [{ runBatch }, { createVm }, { existingVm }] = await Promise.all([
    import('../../run/batch.ts'),
    import('../../../vm/create/create.ts'),
    import('../../../vm/create/existing-vm.ts'),
  ]);
  const taskOf: Work['taskOf'] = (loaded, { ifNotExists, adoptsData, uploads }, onMade) => {
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
