import type { Evacuated } from '../../vm/move/evacuate.ts';
import type { Environment } from '../environment.ts';
import type { GlobalOptions } from '../record/command.ts';
import { settingsOf } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import { DONE } from './batch/actions.ts';
import type { Outcome } from './batch/task.ts';

/** A word is a host of the settings file. @throws PlowError (config) */
export function settingsAt(
  host: string,
  globals: GlobalOptions,
  environment: Environment,
): Promise<Settings> {
  const { host: _host, allHosts: _all, connect: _connect, ...rest } = globals;
  const meant = host.includes('://') ? { connect: host } : { host };
  return settingsOf({ ...rest, ...meant }, environment, 'a place for VMs');
}

/** What is told of a VM that was moved, or would be. */
export function toldOf(name: string, { moved, plan }: Evacuated): Omit<Outcome, 'error'> {
  if (moved === undefined) {
    const nothing: Omit<Outcome, 'error'> = { name, uuid: null, addresses: [], left: [], status: 'planned' };
    if (plan === undefined) return nothing;
    const { files, bases, obstacles, ...rest } = plan;
    return { ...nothing, plan: { ...rest, files: [...files], bases: [...bases], obstacles: [...obstacles] } };
  }
  const left = [...moved.left].map(([what, why]) => ({ what, why }));
  return { ...moved, addresses: [...moved.addresses], left, status: DONE.move };
}
