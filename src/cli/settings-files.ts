import { isAbsolute, join } from 'node:path';
import { findSettings, readSettings } from '../config/find-settings.ts';
import type { SettingsFile } from '../config/settings-file.ts';
import type { Environment } from './environment.ts';

const SYSTEM_FILE = '/etc/plow/config.yaml';

/**
 * The settings file that counts: the one named by --config or PLOW_CONFIG, which must exist, else the user's, else that
 * of the system. @throws PlowError (config)
 */
export async function settingsFileOf(
  { config }: { readonly config?: string },
  variables: Environment['variables'],
): Promise<SettingsFile | undefined> {
  const named = config ?? (variables['PLOW_CONFIG'] || undefined);
  return named === undefined ? findSettings(candidates(variables)) : readSettings(named);
}

/** https://specifications.freedesktop.org/basedir: a relative path, or an empty one, counts as none. */
function candidates({
  XDG_CONFIG_HOME: own = '',
  HOME: home = '',
}: Environment['variables']): readonly string[] {
  const directory = isAbsolute(own) ? own : home === '' ? undefined : join(home, '.config');
  return directory === undefined ? [SYSTEM_FILE] : [join(directory, 'plow', 'config.yaml'), SYSTEM_FILE];
}
