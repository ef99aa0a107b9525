import { architectureMistakes } from './architecture.ts';
import { bootMistakes } from './boot.ts';
import { guestMistakes } from './guest.ts';
import { cpuMistakes } from './cpu.ts';
import { extraMistakes } from './extras.ts';
import { interfaceMistakes } from './interfaces.ts';
import { memoryLayoutMistakes } from './memory-layout.ts';
import { vncMistakes } from './vnc.ts';
import { hostCidrMistake, parseCidr } from '../../values/ipv4.ts';
import type { ConfigPath } from '../../machine.ts';
import { label } from '../../yaml/mistake.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { macFor, macMistake } from '../../values/mac.ts';
import { deviceMistake } from '../../values/names.ts';
import { meantKey } from '../../../text/nearest.ts';
import { isMap, listAt, valueAt } from '../../yaml/raw-value.ts';
import type { FileTexts } from '../referenced-files.ts';
import { guestSections } from '../sections.ts';
import { quote } from '../../../text/quote.ts';

/**
 * Rules between values. They look at the file as it was written and pass over what is wrong in itself, so
 * that they are told together with the mistakes the schema finds; zod would skip them as soon as there is
 * one.
 */
export function ruleMistakes(file: unknown, texts: FileTexts): Mistake[] {
  const interfaces = listAt(file, 'network_interfaces');
  return [
    ...memoryMistakes(file),
    ...architectureMistakes(file),
    ...cpuMistakes(file),
    ...memoryLayoutMistakes(file),
    ...bootDiskMistakes(file),
    ...bootMistakes(file),
    ...twice(listAt(file, 'data_disks'), ['data_disks'], 'device', (device) =>
      deviceMistake(device) === undefined ? device : undefined,
    ),
    ...twice(interfaces, ['network_interfaces'], 'ip', hostOf),
    ...sameMacs(interfaces),
    ...twice(listAt(file, 'tags'), ['tags'], undefined, (tag) => tag),
    ...interfaceMistakes(interfaces),
    ...routeMistakes(interfaces),
    ...guestSections(file).flatMap(({ at, value }) => [
      ...twice(listAt(value, 'users'), [...at, 'users'], 'name', (name) => name),
      ...twice(listAt(value, 'write_files'), [...at, 'write_files'], 'path', (path) => path),
    ]),
    ...guestMistakes(file, texts),
    ...vncMistakes(file, texts),
    ...extraMistakes(file),
    ...twice(listAt(file, 'fw_cfg'), ['fw_cfg'], 'name', (name) => name),
    ...twice(listAt(file, 'shares'), ['shares'], 'tag', (tag) => tag),
  ];
}

function memoryMistakes(file: unknown): Mistake[] {
  if (!isMap(file)) return [];
  const [gib, mib] = [valueAt(file, 'memory_gib'), valueAt(file, 'memory_mib')];
  if (gib !== undefined && mib !== undefined) {
    return [{ path: ['memory_mib'], text: 'memory_gib says how much already; keep one of them' }];
  }
  return gib === undefined && mib === undefined && !hasMisspelt(file, ['memory_gib', 'memory_mib'])
    ? [{ path: ['memory_gib'], text: 'is required (a whole number, or memory_mib instead)' }]
    : [];
}

function bootDiskMistakes(file: unknown): Mistake[] {
  const disk = valueAt(file, 'boot_disk');
  if (!isMap(disk)) {
    return [];
  }
  const image = valueAt(disk, 'image');
  const empty = valueAt(disk, 'empty');
  if (valueAt(disk, 'image_format') !== undefined && empty === true) {
    const text = 'an empty disk has no image, so image_format says nothing';
    return [{ path: ['boot_disk', 'image_format'], text }];
  }
  if (image !== undefined && empty === true) {
    const text = 'an empty disk has no image; keep one of image and empty';
    return [{ path: ['boot_disk', 'empty'], text }];
  }
  if (
    image !== undefined ||
    hasMisspelt(disk, ['image', 'empty']) ||
    (empty !== undefined && empty !== false)
  ) {
    return [];
  }
  const text = 'is required (the path of a base image), or empty: true instead';
  return [{ path: ['boot_disk', 'image'], text }];
}

/** A key that was meant to be one of these is told as an unknown one, and that is enough. */
function hasMisspelt(map: Readonly<Record<string, unknown>>, meant: readonly string[]): boolean {
  return Object.keys(map).some((key) => !meant.includes(key) && meantKey(key, meant) !== undefined);
}

/** Values that must differ from item to item, each diagnostic at the later one. */
function twice(
  items: readonly unknown[],
  list: ConfigPath,
  key: string | undefined,
  identity: (text: string) => string | undefined,
): Mistake[] {
  const first = new Map<string, number>();
  const mistakes: Mistake[] = [];
  for (const [index, item] of items.entries()) {
    const text = key === undefined ? item : valueAt(item, key);
    const id = typeof text === 'string' ? identity(text) : undefined;
    if (id === undefined) continue;
    const other = first.get(id);
    if (other === undefined) {
      first.set(id, index);
      continue;
    }
    const shown = /^[\w.:/-]+$/u.test(id) ? id : quote(id);
    const place = `${key === undefined ? '' : `the ${key} of `}${label([...list, other])}`;
    const path = [...list, index, ...(key === undefined ? [] : [key])];
    mistakes.push({ path, text: `${shown} is already ${place}` });
  }
  return mistakes;
}

/** The MAC address is made from the address alone, so the prefix length makes no difference. */
export function hostOf(ip: string): string | undefined {
  return hostCidrMistake(ip) === undefined ? parseCidr(ip)?.text : undefined;
}

/** MAC addresses that are written down, among each other and against those made from IP addresses. */
function sameMacs(interfaces: readonly unknown[]): Mistake[] {
  const macs = interfaces.map((entry) => {
    const [mac, ip] = [valueAt(entry, 'mac'), valueAt(entry, 'ip')];
    if (typeof mac === 'string') return macMistake(mac) === undefined ? mac.toLowerCase() : undefined;
    const host = mac === undefined && typeof ip === 'string' ? hostOf(ip) : undefined;
    return host && macFor(host);
  });
  const written = interfaces.map((entry) => typeof valueAt(entry, 'mac') === 'string');
  return macs.flatMap((mac, index) => {
    const first = mac === undefined ? index : macs.indexOf(mac);
    if (first === index || !(written[index] === true || written[first] === true)) return [];
    const path = ['network_interfaces', index, written[index] === true ? 'mac' : 'ip'];
    return [{ path, text: `the MAC address ${mac} is already that of network_interfaces[${first}]` }];
  });
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
