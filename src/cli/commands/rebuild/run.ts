import type { LoadedMachine } from '../../../config/machine.ts';
import { isLocalImage } from '../../../config/values/names.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import { printable } from '../../../text/printable.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { Changed } from '../../../vm/lifecycle/power.ts';
import { SHUTDOWN_MS } from '../../../vm/lifecycle/power.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import { keepNew } from '../../../vm/rebuild/keep.ts';
import { rebuildVm } from '../../../vm/rebuild/rebuild.ts';
import { reseedVm } from '../../../vm/rebuild/reseed.ts';
import { undoRebuild } from '../../../vm/rebuild/undo.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { WAIT_MS } from '../../../vm/wait/wait.ts';
import type { Environment } from '../../environment.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { confirmed } from '../../run/confirmed.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { Places } from '../../settings/places.ts';
import { readMachines } from '../create/machines.ts';

/** What the command line says of a VM and its boot disk. */
export interface RebuildOrder {
  readonly what: 'disk' | 'seed' | 'undo' | 'drop-old';
  readonly image: string | undefined;
  readonly file: string | undefined;
  readonly wait: { readonly condition: Condition; readonly withinMs: number | undefined } | undefined;
  readonly isForced: boolean;
  readonly withinMs: number | undefined;
  readonly isSure: boolean;
  readonly outside: OutsideFiles;
}

const ACTIONS = {
  disk: 'rebuild',
  seed: 'rebuild seed',
  undo: 'rebuild undo',
  'drop-old': 'rebuild drop-old',
} as const;

/** `plow rebuild` @throws PlowError, Interrupted */
export async function runRebuild(
  order: RebuildOrder,
  selection: Selection,
  format: BatchFormat,
  places: Places,
  environment: Environment,
): Promise<void> {
  const { what, image, isSure } = order;
  if (image !== undefined && isLocalImage(image)) {
    throw new PlowError('config', `${image} is a file of this machine`, {
      hint: `plow image import ${image} brings it to the hypervisor, and gives it a name`,
    });
  }
  const file = order.file === undefined ? undefined : await fileOf(order.file, order, places);
  const ask = format === 'json' ? undefined : environment.ask;
  await changeEachVm(
    {
      action: ACTIONS[what],
      selection,
      format,
      atOnce: 1,
      before: async (vms, context) => {
        if (what !== 'seed' && !isSure) await confirm(what, vms, ask, context);
      },
      change: (domain, context) => change(domain, order, file, context),
    },
    places.all,
    environment,
  );
}

/** The one VM of a file. @throws PlowError */
async function fileOf(path: string, { outside }: RebuildOrder, places: Places): Promise<LoadedMachine> {
  const { all } = await readMachines(
    [path],
    { ...outside, lifetimeMinutes: undefined, upload: false },
    places,
  );
  const [loaded, ...others] = all.flatMap(({ machines }) => machines);
  if (loaded === undefined || others.length > 0)
    throw new PlowError('config', `${path} is to be the file of one VM`);
  return loaded;
}

async function change(
  domain: Domain,
  order: RebuildOrder,
  file: LoadedMachine | undefined,
  context: VmContext,
): Promise<Changed> {
  const { what, image, isForced, withinMs = SHUTDOWN_MS, wait } = order;
  const stop = { isForced, withinMs };
  if (what === 'undo') return undoRebuild(domain, stop, context);
  if (what === 'drop-old') return keepNew(domain, context);
  if (file !== undefined && file.machine.name !== domain.name) {
    const { name } = file.machine;
    throw new PlowError(
      'validation',
      `${file.locate(['name'])}: it is the file of VM '${name}', not of '${domain.name}'`,
    );
  }
  if (what === 'seed' && file !== undefined) return reseedVm(domain, file, context);
  const waiting = wait && { condition: wait.condition, withinMs: wait.withinMs ?? WAIT_MS };
  return rebuildVm(domain, { image, file, stop, wait: waiting }, context);
}

const LOSS = {
  disk: 'loses what is on its boot disk once the old one goes.\nRebuild it?',
  undo: 'loses what is on its new boot disk.\nBring the old one back?',
  'drop-old': 'loses its old boot disk for good.\nRemove it?',
} as const;

/**
 * Where nobody can be asked, it is for VMs that are named only. @throws PlowError (operation), Interrupted
 */
async function confirm(
  what: keyof typeof LOSS,
  vms: readonly SelectedVm[],
  ask: Environment['ask'],
  { signal }: VmContext,
): Promise<void> {
  const hint = '--yes asks nothing';
  const names = vms.map(({ name }) => `'${printable(name)}'`).join(', ');
  if (ask === undefined) {
    if (vms.every(({ isNamed }) => isNamed)) return;
    throw new PlowError('operation', `nothing was changed: VMs that are not named are meant: ${names}`, {
      hint,
    });
  }
  if (vms.length === 0 || (await confirmed(`VM ${names} ${LOSS[what]} [y/N] `, ask, signal))) return;
  throw new PlowError('operation', 'nothing was changed: the answer was not yes', { hint });
}
