import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { Selection } from '../../../vm/list/select.ts';
import {
  autostartVm,
  restartVm,
  resumeVm,
  SHUTDOWN_MS,
  startVm,
  stopVm,
  suspendVm,
} from '../../../vm/lifecycle/power.ts';
import type { Changed } from '../../../vm/lifecycle/power.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

export type Power =
  | { readonly action: 'start' }
  | { readonly action: 'suspend' }
  | { readonly action: 'resume' }
  | {
      readonly action: 'stop' | 'restart';
      readonly withinMs: number | undefined;
      readonly isForced: boolean;
    }
  | { readonly action: 'autostart'; readonly on: boolean };

/** `plow start`, `stop`, `restart`, `suspend`, `resume`, `autostart` @throws PlowError, Interrupted */
export async function runPower(
  power: Power,
  selection: Selection,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const { action } = power;
  await changeEachVm(
    { action, selection, format, change: (...vm) => change(power, ...vm) },
    all,
    environment,
  );
}

function change(power: Power, domain: Domain, context: VmContext, isNamed: boolean): Promise<Changed> {
  if (power.action === 'start') return startVm(domain, context);
  if (power.action === 'suspend') return suspendVm(domain, context, isNamed);
  if (power.action === 'resume') return resumeVm(domain, context, isNamed);
  if (power.action === 'autostart') return autostartVm(domain, context, power.on);
  const { action, isForced, withinMs = SHUTDOWN_MS } = power;
  const options = { isForced, withinMs };
  return action === 'stop' ? stopVm(domain, context, options) : restartVm(domain, context, options);
}
