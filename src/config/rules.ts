import { hostAddressMistake, hostCidrMistake, parseCidr, parseIpv4, reservedInSubnet } from './ipv4.ts';
import type { ConfigPath } from './machine.ts';
import type { Mistake } from './mistakes.ts';
import { deviceMistake } from './names.ts';
import { nearest } from './nearest.ts';

/**
 * Rules between values. They look at the file as it was written and pass over what is wrong in itself,
 * so that they are told together with the mistakes the schema finds; zod would skip them as soon as there is one.
 */
export function ruleMistakes(file: unknown): Mistake[] {
  const interfaces = listAt(file, 'network_interfaces');
  return [
    ...bootDiskMistakes(file),
    ...twice(listAt(file, 'data_disks'), ['data_disks'], 'device', (device) =>
      deviceMistake(device) === undefined ? device : undefined,
    ),
    ...twice(interfaces, ['network_interfaces'], 'ip', hostOf),
    ...interfaces.flatMap((entry, index) => gatewayMistakes(entry, ['network_interfaces', index, 'gateway'])),
    ...routeMistakes(interfaces),
  ];
}

function bootDiskMistakes(file: unknown): Mistake[] {
  const disk = valueAt(file, 'boot_disk');
  if (!isMap(disk)) {
    return [];
  }
  const image = valueAt(disk, 'image');
  const empty = valueAt(disk, 'empty');
  if (image !== undefined && empty === true) {
    const text = 'an empty disk has no image; keep one of image and empty';
    return [{ path: ['boot_disk', 'empty'], text }];
  }
  // `emtpy: true` is told as an unknown key, and that is enough.
  const misspelt = Object.keys(disk).some(
    (key) => key !== 'empty' && nearest(key, ['image', 'empty']) !== undefined,
  );
  if (image !== undefined || misspelt || (empty !== undefined && empty !== false)) {
    return [];
  }
  const text = 'is required (the path of a base image), or empty: true instead';
  return [{ path: ['boot_disk', 'image'], text }];
}

/** Values that must differ from item to item, each complaint at the later one. */
function twice(
  items: readonly unknown[],
  list: ConfigPath,
  key: string,
  identity: (text: string) => string | undefined,
): Mistake[] {
  const first = new Map<string, number>();
  const mistakes: Mistake[] = [];
  for (const [index, item] of items.entries()) {
    const text = valueAt(item, key);
    const id = typeof text === 'string' ? identity(text) : undefined;
    const other = id === undefined ? undefined : first.get(id);
    if (other !== undefined) {
      const path = [...list, index, key];
      mistakes.push({ path, text: `${id} is already the ${key} of ${list.join('.')}[${other}]` });
    } else if (id !== undefined) {
      first.set(id, index);
    }
  }
  return mistakes;
}

/** The MAC address is made from the address alone, so the prefix length makes no difference. */
export function hostOf(ip: string): string | undefined {
  return hostCidrMistake(ip) === undefined ? parseCidr(ip)?.text : undefined;
}

function gatewayMistakes(entry: unknown, path: ConfigPath): Mistake[] {
  const ip = valueAt(entry, 'ip');
  const gateway = valueAt(entry, 'gateway');
  if (typeof ip !== 'string' || typeof gateway !== 'string' || hostAddressMistake(gateway) !== undefined) {
    return [];
  }
  const cidr = hostCidrMistake(ip) === undefined ? parseCidr(ip) : undefined;
  const address = parseIpv4(gateway);
  if (cidr === undefined || address === undefined) {
    return [];
  }
  if (address === cidr.address) {
    return [{ path, text: `${gateway} is the address of the VM itself` }];
  }
  const reserved = reservedInSubnet(address, cidr);
  return reserved === undefined ? [] : [{ path, text: `${gateway} ${reserved}` }];
}

function routeMistakes(interfaces: readonly unknown[]): Mistake[] {
  const [first, ...more] = [...interfaces.entries()].filter(
    ([, entry]) => valueAt(entry, 'default_route') === true,
  );
  return more.map(([index]) => ({
    path: ['network_interfaces', index, 'default_route'],
    text: `network_interfaces[${first?.[0]}] has the default route already; at most one interface can`,
  }));
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(map: unknown, key: string): unknown {
  return isMap(map) ? map[key] : undefined;
}

export function listAt(map: unknown, key: string): readonly unknown[] {
  const value = valueAt(map, key);
  return Array.isArray(value) ? value : [];
}
