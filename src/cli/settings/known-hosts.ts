import { settingsOfHost } from '../../config/settings/host.ts';
import type { Environment } from '../environment.ts';
import type { GlobalOptions } from '../record/command.ts';
import { settingsFileOf } from './files.ts';
import { enabled } from './hosts.ts';
import { libvirtConf } from './libvirt-conf-file.ts';
import { resolveSettings, variablesFor } from './settings.ts';
import type { Settings } from './settings.ts';

/**
 * All hosts of the settings file that are enabled, whichever of them a command is about. @throws PlowError
 * (config)
 */
export async function knownHosts(
  { config, verbose }: GlobalOptions,
  environment: Environment,
): Promise<readonly (Settings & { readonly host: string })[]> {
  const file = await settingsFileOf(config === undefined ? {} : { config }, environment);
  const hosts = enabled(file?.values.hosts ?? {});
  if (file === undefined || hosts.length === 0) return [];
  const conf = await libvirtConf(environment);
  return hosts.map((host) => {
    const variables = variablesFor(host, file, environment.variables);
    const settings = resolveSettings(
      verbose === undefined ? {} : { verbose },
      variables,
      settingsOfHost(file, host),
      conf,
    );
    return { ...settings, host };
  });
}
