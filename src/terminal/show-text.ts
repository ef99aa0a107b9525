import type { DiskDetails, InterfaceDetails, OwnDetails, VmDetails } from '../vm/show.ts';
import { blockLines } from './blocks.ts';
import type { Block, Entry, Field } from './blocks.ts';
import { declaredBlock } from './declared-text.ts';
import { differenceLine } from './difference-text.ts';
import { ageText, bytesText, durationText, memoryText } from './quantities.ts';
import { stateColour } from './state-colour.ts';
import type { Colour } from './table.ts';

const UNKNOWN = 'unknown';

/** @param now what ages are counted from @param paint undefined: no colours */
export function showLines(
  details: VmDetails,
  now: Date,
  paint?: (text: string, colour: Colour) => string,
): readonly string[] {
  const { own, differences } = details;
  const lines = blockLines([
    ...summary(details, now),
    machine(details),
    { title: 'Disks', entries: details.disks.map((disk) => diskBlock(disk, details)) },
    {
      title: 'Interfaces',
      entries: [
        ...details.interfaces.map((one) => interfaceBlock(one, details)),
        ...(details.otherAddresses.length === 0 ? [] : [field('Others', seenText(details.otherAddresses))]),
      ],
    },
    ...(own === undefined ? [] : [declaredBlock(own.declared)]),
    { title: 'Differences', entries: differences.map(differenceLine) },
  ]);
  const colour = stateColour(details.incomplete ? 'incomplete' : details.state);
  if (paint === undefined || colour === undefined) return lines;
  return lines.map((line) =>
    line.startsWith('State:') ? line.replace(/(?<=: +)\S.*$/u, (state) => paint(state, colour)) : line,
  );
}

function field(key: string, value: string | undefined): Field {
  return { key, value };
}

function summary(details: VmDetails, now: Date): readonly Entry[] {
  const { name, facts, own, managedSave, snapshots } = details;
  return [
    field('Name', name),
    field('State', stateText(details)),
    field('Since', sinceText(details, now)),
    field('Restart', restartText(details)),
    field('UUID', details.uuid),
    field('Title', facts.title),
    field('Description', facts.description),
    field('Tags', own && own.declared.tags.length > 0 ? own.declared.tags.join(', ') : undefined),
    field('Autostart', yesNo(details.autostart)),
    field('Persistent', details.persistent ? 'yes' : 'no, it is gone once it stops'),
    field('Saved memory', managedSave === true ? 'yes, it goes on from there at the next start' : undefined),
    field('Snapshots', snapshots === undefined ? UNKNOWN : String(snapshots)),
    field('Made by', own === undefined ? 'not by plow' : `plow ${own.version}`),
    field('Created', own && timeText(own.created, now)),
    field('Directory', own?.directory),
    field('Seed', own && seedText(own)),
  ];
}

function stateText({ state, reason, incomplete, name }: VmDetails): string {
  const known = reason === undefined ? state : `${state} (${reason})`;
  if (!incomplete) return known;
  return `incomplete, ${known}: a plow create is under way, or died; plow destroy ${name} removes it`;
}

function sinceText({ active, since, started }: VmDetails, now: Date): string {
  if (since !== undefined) return timeText(since, now);
  if (!active) return `${UNKNOWN}: libvirt does not keep it`;
  if (started === undefined) return `${UNKNOWN}: only the hypervisor itself can tell`;
  return `${UNKNOWN}; QEMU was started ${timeText(started, now)}`;
}

function restartText({ differences }: VmDetails): string | undefined {
  return differences.some(({ needsRestart }) => needsRestart)
    ? 'pending: what is stored takes effect when it is stopped and started, not when its guest reboots'
    : undefined;
}

function seedText({ seed }: OwnDetails): string {
  if (seed === undefined) return 'none';
  if (seed.exists === undefined) return seed.path;
  return `${seed.path} (${seed.exists ? 'there' : 'missing'})`;
}

function machine(details: VmDetails): Block {
  const { facts, active, memoryKib, currentMemoryKib } = details;
  const balloon =
    active && currentMemoryKib !== memoryKib ? `, ${memoryText(currentMemoryKib)} of it now` : '';
  const { loader, nvram } = facts;
  return {
    title: 'Machine',
    entries: [
      field('VCPUs', String(details.vcpus)),
      field('Memory', `${memoryText(memoryKib)}${balloon}`),
      field('CPU time', active ? durationText(details.cpuSeconds) : undefined),
      field('CPU mode', facts.cpuMode ?? 'the default'),
      field('Type', [facts.type, facts.machineType].filter(Boolean).join(', ')),
      field('Firmware', facts.firmware),
      field('Loader', loader),
      field('NVRAM', nvram),
      field('Guest agent', agentText(details)),
      ...facts.consoles.map(({ type, at }) => field('Console', `${type} ${at ?? '(not open)'}`)),
    ],
  };
}

function agentText({ facts, active }: VmDetails): string | undefined {
  if (facts.agent === undefined) return 'no channel for it';
  return active ? facts.agent : undefined;
}

function diskBlock(disk: DiskDetails, { isLate }: VmDetails): Block {
  const { source, size, exists, backing } = disk;
  const about = [disk.device, disk.bus, disk.format, disk.readOnly ? 'read-only' : undefined];
  const late = isLate ? `${UNKNOWN}: no answer in time` : UNKNOWN;
  const isSized = source !== undefined && exists !== false;
  return {
    title: disk.target,
    entries: [
      field('Source', source === undefined ? 'none' : `${source}${exists === false ? ' (missing)' : ''}`),
      field('Kind', about.filter(Boolean).join(', ')),
      field('Size', isSized ? (size === undefined ? late : bytesText(size.capacityBytes)) : undefined),
      field('Allocated', size && bytesText(size.takenBytes)),
      ...backing.map((layer, index) => field(index === 0 ? 'Backing' : 'behind it', layer)),
    ],
  };
}

function interfaceBlock(one: InterfaceDetails, { active }: VmDetails): Block {
  const { traffic } = one;
  return {
    title: one.mac ?? 'no MAC address',
    entries: [
      field(one.type === 'bridge' ? 'Bridge' : 'Network', plugText(one)),
      field('Model', one.model),
      field('MTU', one.mtu === undefined ? undefined : String(one.mtu)),
      field('Tap', one.tap),
      field('Link', one.linkUp ? 'up' : 'down'),
      field('Declared', addresses(one.declared)),
      field('Seen', active ? seenText(one.seen) : undefined),
      field('Received', traffic && countsText(traffic.received)),
      field('Sent', traffic && countsText(traffic.sent)),
    ],
  };
}

/** A network of libvirt's may be on a bridge. */
function plugText({ type, source, bridge }: InterfaceDetails): string {
  if (source === undefined) return type;
  return bridge === undefined || bridge === source ? source : `${source} (bridge ${bridge})`;
}

function addresses(all: InterfaceDetails['declared']): string | undefined {
  return all.length === 0
    ? undefined
    : all
        .map(
          ({ address, prefixLength }) => `${address}${prefixLength === undefined ? '' : `/${prefixLength}`}`,
        )
        .join(', ');
}

function seenText(seen: InterfaceDetails['seen']): string {
  return seen.length === 0
    ? 'nothing'
    : seen.map(({ address, prefixLength, source }) => `${address}/${prefixLength} (${source})`).join(', ');
}

function countsText({
  bytes,
  packets,
  errors,
  drops,
}: NonNullable<InterfaceDetails['traffic']>['sent']): string {
  const parts = [
    bytes === undefined ? UNKNOWN : bytesText(bytes),
    packets === undefined ? undefined : `${packets} packet${packets === 1 ? '' : 's'}`,
    errors ? `${errors} errors` : undefined,
    drops ? `${drops} dropped` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function timeText(iso: string, now: Date): string {
  const age = ageText(iso, now);
  return age === iso ? iso : `${age} (${iso})`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
