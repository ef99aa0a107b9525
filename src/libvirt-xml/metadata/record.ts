import { CDROM_TARGET } from '../../config/values/media.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import type { XmlElement } from '../read/parse.ts';
import { rewrittenMetadata } from './change.ts';
import type { JsonMap } from './change.ts';
import type { StoredVm } from './stored-vm.ts';

/** Where what a change is about stands, by the name that it has in a comparison. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  vcpus: ['vcpus'],
  maximum_vcpus: ['layout.vcpusMax'],
  memory_kib: ['memoryMib', 'layout.memoryMaxMib'],
  current_memory_kib: ['memoryMib'],
  cpu_mode: ['cpuMode'],
  cpu_model: ['layout.cpuModel'],
  cpu_topology: ['layout.topology'],
  cpu_pins: ['layout.pins'],
  emulator_cpus: ['layout.emulatorCpus'],
  numa: ['layout.cells'],
  hugepages: ['layout.hugepages'],
  on_crash: ['onCrash'],
  virt_type: ['virtType'],
  arch: ['arch'],
  machine_type: ['machineType'],
  firmware: ['firmware'],
  description: ['description'],
  autostart: ['autostart'],
  secure_boot: ['secureBoot'],
  tpm: ['tpm'],
  watchdog: ['watchdog'],
  iothreads: ['ioThreads'],
  fw_cfg: ['fwCfg'],
  shares: ['shares'],
  vnc: ['vnc'],
  boot: ['boot'],
  tags: ['tags'],
  fleet: ['fleet'],
  group: ['group'],
  lifetime_minutes: ['lifetimeMinutes'],
  image: ['image', 'bootDisk.image', 'bootDisk.imageFormat'],
};

/** The same of a disk, in its own entry. */
const OF_DISK: Readonly<Record<string, readonly string[]>> = {
  cache: ['cache'],
  discard: ['discard'],
  io_limits: ['ioLimits'],
  size_bytes: ['sizeGib'],
  format: ['format'],
};

const OF_INTERFACE: Readonly<Record<string, readonly string[]>> = {
  vlan: ['vlan'],
  mtu_bytes: ['mtu'],
  address: ['address', 'prefixLength', 'gateway', 'gatewayInSubnet', 'dnsServers', 'defaultRoute'],
};
const PLUG = ['bridge', 'mode', 'vlan'];

/**
 * plow's element in a domain's document in which some things stand as another record has them, for
 * virDomainSetMetadata. Whatever else is in it stays.
 * @param whats names of changes, as a comparison has them
 * @returns undefined where there is no such element, or nothing changes
 */
export function recordedMetadata(
  domain: XmlElement,
  wanted: StoredVm,
  whats: readonly string[],
): string | undefined {
  // As it would be read again: what is undefined is not there.
  const from: unknown = JSON.parse(JSON.stringify(wanted));
  if (!isMap(from)) return undefined;
  return rewrittenMetadata(domain, (stored) =>
    whats.reduce((sum, what) => recorded(sum, from, what), { ...stored }),
  );
}

function recorded(stored: JsonMap, from: JsonMap, what: string): JsonMap {
  const [kind = '', name = '', field] = what.split(' ');
  if (kind === 'interface')
    return withEntry(stored, from, { list: 'interfaces', key: 'mac', name }, (was, now) =>
      field === undefined ? like(was, now, PLUG) : like(was, now, OF_INTERFACE[field] ?? []),
    );
  if (kind !== 'disk') return like(stored, from, PLACES[what] ?? []);
  if (name === CDROM_TARGET) return withDrive(stored, from);
  const places = field === undefined ? [] : (OF_DISK[field] ?? []);
  if (name === 'vda')
    return like(
      stored,
      from,
      places.map((place) => `bootDisk.${place}`),
    );
  return withEntry(stored, from, { list: 'dataDisks', key: 'device', name }, (was, now) =>
    like(was, now, places),
  );
}

/** What was taken out of a drive is known still. */
function withDrive(stored: JsonMap, from: JsonMap): JsonMap {
  const [was, now] = [stored['cdrom'], from['cdrom']];
  const last = isMap(was) ? (was['image'] ?? was['ejected']) : undefined;
  if (!isMap(now) || now['image'] !== undefined || last === undefined) return like(stored, from, ['cdrom']);
  return { ...stored, cdrom: { ...now, ejected: last } };
}

interface Entry {
  readonly list: string;
  readonly key: string;
  readonly name: string;
}

/** One of a list: it comes, it goes, or some of it is as the other has it. */
function withEntry(
  stored: JsonMap,
  from: JsonMap,
  { list, key, name }: Entry,
  both: (was: JsonMap, now: JsonMap) => JsonMap,
): JsonMap {
  const isIt = (one: unknown): one is JsonMap => isMap(one) && one[key] === name;
  const [mine, theirs] = [listIn(stored, list), listIn(from, list)];
  const now = theirs.find(isIt);
  const kept = mine.flatMap((one) => (isIt(one) ? (now === undefined ? [] : [both(one, now)]) : [one]));
  const isNew = now !== undefined && !mine.some(isIt);
  return { ...stored, [list]: isNew ? [...kept, now] : kept };
}

function listIn(map: JsonMap, key: string): readonly unknown[] {
  const list = map[key];
  return Array.isArray(list) ? list : [];
}

/** @param places keys, or two with a dot between them */
function like(stored: JsonMap, from: JsonMap, places: readonly string[]): JsonMap {
  return places.reduce((sum, place) => {
    const [key = '', inner] = place.split('.');
    if (inner === undefined) return withValue(sum, key, from[key]);
    const [mine, theirs] = [sum[key], from[key]];
    const part = withValue(isMap(mine) ? { ...mine } : {}, inner, isMap(theirs) ? theirs[inner] : undefined);
    return withValue(sum, key, Object.keys(part).length === 0 ? undefined : part);
  }, stored);
}

function withValue(map: JsonMap, key: string, value: unknown): JsonMap {
  const { [key]: _, ...others } = map;
  if (value === undefined) return others;
  return { ...map, [key]: value };
}
