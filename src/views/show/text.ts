import { shellArgument } from '../../text/shell-quote.ts';
import { seenText } from '../../vm/show/fields/address.ts';
import { DISK_FIELDS } from '../../vm/show/fields/disk.ts';
import { ordered } from '../../vm/show/fields/field.ts';
import type { Around, Field } from '../../vm/show/fields/field.ts';
import { INTERFACE_FIELDS } from '../../vm/show/fields/interface.ts';
import { MACHINE_FIELDS } from '../../vm/show/fields/machine.ts';
import { MEDIA_FIELDS } from '../../vm/show/fields/media.ts';
import { wayText } from '../../vm/show/fields/way.ts';
import { DECLARED_FIELDS, ORIGIN_FIELDS, STATUS_FIELDS, timeText } from '../../vm/show/fields/vm.ts';
import type { OwnDetails, VmDetails } from '../../vm/show/details.ts';
import { blockLines, field } from '../../terminal/blocks.ts';
import type { Block, Entry } from '../../terminal/blocks.ts';
import type { Colour } from '../../terminal/table.ts';
import { stateColour } from '../state-colour.ts';
import { differenceLine } from './difference.ts';

const UNKNOWN = 'unknown';
/** People look for autostart first, and for the seed last. */
const STATUS_LINES = ordered(STATUS_FIELDS, [
  'uuid',
  'title',
  'description',
  'tags',
  'fleet',
  'group',
  'autostart',
]);
const ORIGIN_LINES = ordered(ORIGIN_FIELDS, ['plow_version', 'created', 'directory']);

/** @param now what ages are counted from @param paint undefined: no colours @param host of several */
export function showLines(
  details: VmDetails,
  now: Date,
  paint?: (text: string, colour: Colour) => string,
  host?: string,
): readonly string[] {
  const { own, differences, disks, interfaces, otherAddresses } = details;
  const around = { details, now };
  const lines = blockLines([
    field('Host', host),
    ...head(details, now),
    ...entries(STATUS_LINES, details, around),
    ...entries(ORIGIN_LINES, details, around),
    { title: 'Machine', entries: entries([...MACHINE_FIELDS, ...MEDIA_FIELDS], details, around) },
    {
      title: 'Disks',
      entries: disks.map((disk) => ({ title: disk.target, entries: entries(DISK_FIELDS, disk, around) })),
    },
    {
      title: 'Interfaces',
      entries: [
        ...interfaces.map((one) => ({
          title: one.mac ?? 'no MAC address',
          entries: entries(INTERFACE_FIELDS, one, around),
        })),
        field('Others', otherAddresses.length === 0 ? undefined : seenText(otherAddresses)),
      ],
    },
    ...(own === undefined ? [] : [declaredBlock(own)]),
    { title: 'Differences', entries: differences.map(differenceLine) },
  ]);
  const colour = stateColour(details.incomplete ? 'incomplete' : details.state);
  if (paint === undefined || colour === undefined) return lines;
  return lines.map((line) =>
    line.startsWith('State:') ? line.replace(/(?<=: +)\S.*$/u, (state) => paint(state, colour)) : line,
  );
}

/** How it is, and what is wrong with it. */
function head(details: VmDetails, now: Date): readonly Entry[] {
  const { name, incomplete } = details;
  return [
    field('Name', name),
    field('State', stateText(details)),
    field(
      'Incomplete',
      incomplete
        ? `a create is under way, or died; plow destroy ${shellArgument(name)} removes it`
        : undefined,
    ),
    field('On its way', wayText(details)),
    field('Since', sinceText(details, now)),
    field('QEMU', details.active && details.isLate ? 'gives no answer: it hangs, or is busy' : undefined),
    field('Restart', restartText(details)),
    ...problems(details).map((problem) => field('Problem', problem)),
  ];
}

/** The lines of some fields. */
function entries<Shown>(
  fields: readonly Field<Shown, never, never>[],
  shown: Shown,
  around: Around,
): readonly Entry[] {
  return fields.flatMap(({ lines }) => (lines?.(shown, around) ?? []).map((line) => field(...line)));
}

/** The configuration that a VM was made with. */
function declaredBlock({ declared }: OwnDetails): Block {
  const lines = DECLARED_FIELDS.flatMap(({ declaredLines }) => declaredLines?.(declared) ?? []);
  return { title: 'Declared', entries: lines.map((line) => field(...line)) };
}

function stateText({ state, reason, incomplete }: VmDetails): string {
  const known = reason === undefined ? state : `${state} (${reason})`;
  return incomplete ? `incomplete, ${known}` : known;
}

function sinceText({ active, isHere, since, started }: VmDetails, now: Date): string {
  if (since !== undefined) return timeText(since, now);
  if (!active) return `${UNKNOWN}: libvirt does not keep it`;
  if (started === undefined && isHere === true) return `${UNKNOWN}: its QEMU cannot be looked at from here`;
  if (started === undefined) return `${UNKNOWN}: only the hypervisor itself can tell`;
  return `${UNKNOWN}; QEMU was started ${timeText(started, now)}`;
}

function restartText({ differences }: VmDetails): string | undefined {
  return differences.some(({ needsRestart }) => needsRestart)
    ? 'pending: stop and start it (a reboot inside the guest is not enough)'
    : undefined;
}

/** Why it will not start, as far as it can be told. */
function problems({ active, incomplete, facts, disks, ignition }: VmDetails): readonly string[] {
  if (incomplete || facts.move !== undefined) return [];
  const cannot = active ? 'cannot start again' : 'cannot start';
  const isConfigMissing = ignition?.exists === false && ignition.name !== undefined;
  return [
    ...disks.flatMap(({ target, source, exists, missingBacking }) => [
      ...(exists === false && source !== undefined ? [`${cannot}: ${source} (${target}) is missing`] : []),
      ...missingBacking.map((layer) => `${cannot}: ${layer}, which ${target} stands on, is missing`),
    ]),
    ...(isConfigMissing ? [`${cannot}: ${ignition.path} (for Ignition) is missing`] : []),
  ];
}
