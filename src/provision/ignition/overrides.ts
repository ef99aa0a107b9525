import { standsAlone } from '../../config/machine.ts';
import type { Machine, Provisioning } from '../../config/machine.ts';
import { isMap, listAt, valueAt } from '../../config/yaml/raw-value.ts';
import { ignitionConfig } from './config.ts';

/**
 * What of a VM file a config of the user's own says too, and so has the last word on: files, links and units.
 * Of users nothing is lost: what both say of one is added up.
 */
export function overridden(machine: Machine, guest: Provisioning): readonly string[] {
  const { config } = guest.ignition;
  if (config === undefined || standsAlone(guest)) return [];
  const own = namesIn(config);
  const bare = { ...guest, ignition: { ...guest.ignition, config: undefined } };
  return namesIn(ignitionConfig(machine, bare)).filter((name) => own.includes(name));
}

function namesIn(text: string): readonly string[] {
  const config: unknown = JSON.parse(text);
  const storage = valueAt(config, 'storage');
  const paths = ['files', 'links', 'directories'].flatMap((key) =>
    listAt(storage, key).flatMap((node) => nameOf(node, 'path')),
  );
  const units = listAt(valueAt(config, 'systemd'), 'units').flatMap((unit) => nameOf(unit, 'name'));
  return [...paths, ...units];
}

function nameOf(node: unknown, key: string): readonly string[] {
  const name = isMap(node) ? node[key] : undefined;
  return typeof name === 'string' ? [name] : [];
}
