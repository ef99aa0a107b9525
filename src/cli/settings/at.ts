import type { Environment } from '../environment.ts';
import type { GlobalOptions } from '../record/command.ts';
import { settingsOf } from './settings.ts';
import type { Settings } from './settings.ts';

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
