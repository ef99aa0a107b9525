import { shellArgument } from '../../text/shell-quote.ts';
import type { OwnDetails, VmDetails } from '../../vm/show/show.ts';
import { blockLines, field } from '../../terminal/blocks.ts';
import type { Block, Entry } from '../../terminal/blocks.ts';
import { declaredBlock } from './declared.ts';
import { differenceLine } from './difference.ts';
import { oneLine } from '../../text/one-line.ts';
import { ageText, durationText, memoryText } from '../quantities.ts';
import { diskBlock, interfaceBlock, seenText } from './devices.ts';
import { stateColour } from '../state-colour.ts';
import type { Colour } from '../../terminal/table.ts';

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

function summary(details: VmDetails, now: Date): readonly Entry[] {
  const { name, facts, own, managedSave, snapshots } = details;
  return [
    field('Name', name),
    field('State', stateText(details)),
    field(
      'Incomplete',
      details.incomplete
        ? `a create is under way, or died; plow destroy ${shellArgument(name)} removes it`
        : undefined,
    ),
    field('Since', sinceText(details, now)),
    field('QEMU', details.active && details.isLate ? 'gives no answer: it hangs, or is busy' : undefined),
    field('Restart', restartText(details)),
    ...problems(details).map((problem) => field('Problem', problem)),
    field('UUID', details.uuid),
    field('Title', facts.title && oneLine(facts.title)),
    field('Description', facts.description && oneLine(facts.description)),
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

function stateText({ state, reason, incomplete }: VmDetails): string {
  const known = reason === undefined ? state : `${state} (${reason})`;
  return incomplete ? `incomplete, ${known}` : known;
}

function sinceText({ active, since, started }: VmDetails, now: Date): string {
  if (since !== undefined) return timeText(since, now);
  if (!active) return `${UNKNOWN}: libvirt does not keep it`;
  if (started === undefined) return `${UNKNOWN}: only the hypervisor itself can tell`;
  return `${UNKNOWN}; QEMU was started ${timeText(started, now)}`;
}

function restartText({ differences }: VmDetails): string | undefined {
  return differences.some(({ needsRestart }) => needsRestart)
    ? 'pending: stop and start it (a reboot inside the guest is not enough)'
    : undefined;
}

/** Why it will not start, as far as it can be told. */
function problems({ active, incomplete, disks }: VmDetails): readonly string[] {
  if (incomplete) return [];
  const cannot = active ? 'cannot start again' : 'cannot start';
  return disks.flatMap(({ target, source, exists, missingBacking }) => [
    ...(exists === false && source !== undefined ? [`${cannot}: ${source} (${target}) is missing`] : []),
    ...missingBacking.map((layer) => `${cannot}: ${layer}, which ${target} stands on, is missing`),
  ]);
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
      field('VCPUs', vcpusText(details)),
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

function vcpusText({ vcpus, facts }: VmDetails): string {
  return facts.maximumVcpus > vcpus ? `${vcpus}, ${facts.maximumVcpus} at most` : String(vcpus);
}

function agentText({ facts, active }: VmDetails): string | undefined {
  if (facts.agent === undefined) return 'no channel for it';
  return active ? facts.agent : undefined;
}

function timeText(iso: string, now: Date): string {
  const age = ageText(iso, now);
  return age === iso ? iso : `${age} (${iso})`;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
