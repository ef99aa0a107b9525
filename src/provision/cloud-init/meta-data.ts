import { toYaml } from './to-yaml.ts';

/**
 * The meta-data document of the NoCloud datasource.
 * https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
 *
 * @param createdAt makes the instance id one of its own: a VM made again under the same name is a new
 *   instance, whose first boot runs everything, and a VM that merely reboots is not.
 */
export function metaData(name: string, hostname: string, createdAt: Date): string {
  const seconds = Math.floor(createdAt.getTime() / 1000);
  return toYaml({ 'instance-id': `${name}-${seconds}`, 'local-hostname': hostname });
}
