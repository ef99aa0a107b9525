import { readForeignYaml } from '../../config/yaml/foreign.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { toYaml } from './to-yaml.ts';

/**
 * The meta-data document of the NoCloud datasource.
 * https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
 *
 * @param createdAt makes the instance id one of its own: a VM made again under the same name is a new
 *   instance, whose first boot runs everything, and a VM that merely reboots is not.
 */
export function metaData(name: string, hostname: string, createdAt: Date): string {
  return toYaml({ 'instance-id': instanceId(name, createdAt), 'local-hostname': hostname });
}

function instanceId(name: string, createdAt: Date): string {
  return `${name}-${Math.floor(createdAt.getTime() / 1000)}`;
}

/** A document, whoever wrote it, that makes the guest a new instance, and says what it said otherwise. */
export function renewedMetaData(document: string, name: string, createdAt: Date): string {
  const value = readForeignYaml(document);
  return toYaml({ ...(isMap(value) ? value : {}), 'instance-id': instanceId(name, createdAt) });
}
