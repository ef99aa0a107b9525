import { isAbsolute, join } from 'node:path';
import { findSettings, readSettings } from '../../config/settings/find.ts';
import type { SettingsFile } from '../../config/settings/load.ts';
import type { Environment } from '../environment.ts';

const SYSTEM_FILE = '/etc/plow/config.yaml';

type Surroundings = Pick<Environment, 'variables' | 'userId'>;

/** Of a command, which may ask more than once: what comes through a pipe is there once. */
const wasRead = new WeakMap<Surroundings, Map<string | undefined, Promise<SettingsFile | undefined>>>();

/**
 * The settings file that counts: the one named by --config or PLOW_CONFIG, which must exist, else the user's,
 * else that of the system. @throws PlowError (config)
 */
export async function settingsFileOf(
  options: { readonly config?: string },
  surroundings: Surroundings,
): Promise<SettingsFile | undefined> {
  const { variables, userId } = surroundings;
  const named = namedFile(options, variables);
  const known = wasRead.get(surroundings) ?? new Map<string | undefined, Promise<SettingsFile | undefined>>();
  wasRead.set(surroundings, known);
  const reading =
    known.get(named) ??
    (named === undefined ? findSettings(candidates(variables), userId) : readSettings(named, userId));
  known.set(named, reading);
  return reading;
}

/** The file of --config, else that of PLOW_CONFIG. */
export function namedFile(
  { config }: { readonly config?: string },
  { PLOW_CONFIG: named }: Environment['variables'],
): string | undefined {
  return config ?? (named || undefined);
}

/**
 * For commands that need no settings: a file that somebody named must be right all the same.
 * @throws PlowError (config)
 */
export async function refuseWrongConfig(
  options: { readonly config?: string },
  surroundings: Surroundings,
): Promise<void> {
  if (namedFile(options, surroundings.variables) !== undefined) await settingsFileOf(options, surroundings);
}

/** https://specifications.freedesktop.org/basedir: a relative path, or an empty one, counts as none. */
function candidates({
  XDG_CONFIG_HOME: own = '',
  HOME: home = '',
}: Environment['variables']): readonly string[] {
  const directory = isAbsolute(own) ? own : home === '' ? undefined : join(home, '.config');
  return directory === undefined ? [SYSTEM_FILE] : [join(directory, 'plow', 'config.yaml'), SYSTEM_FILE];
}
