import type { ConfigPath } from '../machine.ts';
import { isMap } from '../yaml/raw-value.ts';
import type { SettingsFile } from './load.ts';

/**
 * The settings of one of the hosts of a file, as if they stood at the top of a file of their own: what the
 * host does not say comes from the top. @param name of one that the file has
 */
export function settingsOfHost(file: SettingsFile, name: string): SettingsFile {
  const { host: _host, hosts = {}, connect: _connect, ...top } = file.values;
  const own = hosts[name];
  if (own === undefined) throw new Error(`there is no host ${name}`);
  const { labels: _labels, enabled: _enabled, defaults: ownDefaults, doctor: ownDoctor, ...rest } = own;
  const ignore = [...(top.doctor?.ignore ?? []), ...(ownDoctor?.ignore ?? [])];
  const gateways = { ...top.defaults?.gateways, ...ownDefaults?.gateways };
  const defaults = {
    ...top.defaults,
    ...ownDefaults,
    ...(Object.keys(gateways).length === 0 ? {} : { gateways }),
  };
  return {
    ...file,
    values: {
      ...top,
      ...rest,
      ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
      ...(ignore.length === 0 ? {} : { doctor: { ignore } }),
    },
    whereIs: (path) => file.whereIs(saysItself(own, path) ? ['hosts', name, ...path] : path),
  };
}

/** Maps are merged down to the gateways; all else counts as a whole. */
const MERGED: ReadonlySet<string> = new Set(['defaults', 'defaults.gateways']);

function saysItself(own: unknown, path: ConfigPath): boolean {
  let value: unknown = own;
  for (const [depth, key] of path.entries()) {
    if (!isMap(value) || !Object.hasOwn(value, key)) return false;
    value = value[key];
    if (!MERGED.has(path.slice(0, depth + 1).join('.'))) return true;
  }
  return true;
}
