import { yesNo } from '../../text/yes-no.ts';
import { isRouted } from '../../config/values/tap.ts';
import type { VmFact, VmRow } from '../../vm/list/list.ts';
import { oneLine } from '../../text/one-line.ts';
import { printable } from '../../text/printable.ts';
import { ageText, durationText, memoryText, timeLeftText } from '../../text/quantities.ts';
import { stateColour } from '../state-colour.ts';
import { NONE } from '../../terminal/table.ts';
import type { Column } from '../../terminal/table.ts';

/** A VM, and the host that it is on where several were asked. */
export type ShownVm = VmRow & { readonly host?: string | undefined };

export interface VmColumn extends Column<ShownVm> {
  /** For `--columns` and `--sort`. */
  readonly name: string;
  /** Header for programs: with the unit, where the title has none. */
  readonly key: string;
  /** For programs, and to sort by. */
  readonly value: (row: ShownVm) => Value;
  /** Where rows have another order than their values. */
  readonly order?: (row: ShownVm) => Value;
  /** What it takes that is not of every row. */
  readonly needs?: readonly VmFact[];
}

/** Undefined: not known, or there is none. */
export type Value = string | number | undefined;

/** The seed's table. */
export const TABLE_COLUMNS = ['name', 'state', 'vcpus', 'memory', 'address'] as const;

export const WIDE_COLUMNS = [
  'name',
  'state',
  'vcpus',
  'memory',
  'used',
  'cpu',
  'declared',
  'seen',
  'mac',
  'disks',
  'image',
  'autostart',
  'made',
  'created',
  'expires',
  'uuid',
] as const;

/** In a table that nobody has chosen columns of: where a VM has something to say in them. */
export const COLUMNS_IF_TOLD = ['expires'] as const;

/** Where there is no room for all columns, the last of these goes first. */
const IMPORTANCE = [
  'name',
  'host',
  'state',
  'address',
  'declared',
  'memory',
  'vcpus',
  'seen',
  'expires',
  'image',
  'mac',
  'disks',
  'bridge',
  'boot',
  'tags',
  'created',
  'used',
  'cpu',
  'missing',
  'description',
  'autostart',
  'made',
  'protected',
  'persistent',
  'directory',
  'uuid',
];

/** All columns that there are, in the order of the help. @param now what ages are counted from */
export function vmColumns(now: Date): readonly VmColumn[] {
  return columnsAt(now).map((column) => ({ ...column, rank: IMPORTANCE.indexOf(column.name) }));
}

/** A list is cut behind its first address, as a rule. */
const CUT_TO = { ip: 16, mac: 18, words: 12 } as const;

function columnsAt(now: Date): readonly VmColumn[] {
  return [
    text('name', 'NAME', ({ name }) => name, { minWidth: 9 }),
    text('state', 'STATE', ({ state }) => state, {
      minWidth: 8,
      colour: ({ state }) => stateColour(state),
      text: (row) => stateText(row, now),
    }),
    number('vcpus', 'VCPUS', 'vcpus', ({ vcpus }) => vcpus, String),
    number('memory', 'MEMORY', 'memory_kib', ({ memoryKib }) => memoryKib, memoryText),
    text('address', 'IP ADDRESS', ({ address }) => address, { order: ({ address }) => ipOrder(address) }),
    number('used', 'USED', 'current_memory_kib', (row) => whenActive(row, row.currentMemoryKib), memoryText),
    number('cpu', 'CPU TIME', 'cpu_seconds', (row) => whenActive(row, row.cpuSeconds), durationText),
    text('declared', 'DECLARED', ({ declared }) => list(declared.map(({ address }) => address)), {
      order: ({ declared }) => ipOrder(declared[0]?.address),
      cutTo: CUT_TO.ip,
      needs: ['own', 'documents'],
    }),
    text('seen', 'SEEN', ({ seen }) => list(seen.map(({ address }) => address)), {
      order: ({ seen }) => ipOrder(seen[0]?.address),
      cutTo: CUT_TO.ip,
      needs: ['addresses'],
    }),
    text('mac', 'MAC', ({ interfaces }) => list(interfaces.map(({ mac }) => mac)), {
      cutTo: CUT_TO.mac,
      needs: ['documents'],
    }),
    text('bridge', 'BRIDGE', (row) => list(row.interfaces.map(bridgeWord)), WORDS),
    text('boot', 'BOOT', bootText, WORDS),
    text('disks', 'DISKS', ({ disks }) => list(disks.filter(isDisk).map(({ target }) => target)), WORDS),
    text('image', 'IMAGE', ({ image }) => image, {
      text: (row) => printable(imageText(row)),
      cutTo: CUT_TO.words,
      needs: ['own', 'documents'],
    }),
    text('autostart', 'AUTOSTART', ({ autostart }) => yesNo(autostart), { needs: ['flags'] }),
    text('protected', 'PROTECTED', ({ isProtected }) => yesNo(isProtected), { needs: ['documents'] }),
    text('persistent', 'PERSISTENT', ({ persistent }) => yesNo(persistent), { needs: ['flags'] }),
    text('missing', 'MISSING', ({ missing }) => list(missing), { cutTo: CUT_TO.words, needs: ['files'] }),
    text('made', 'MADE BY', ({ own }) => own && `plow ${own.version}`.trim(), OWN),
    text('created', 'CREATED', ({ own }) => own?.created, {
      text: ({ own }) => printable(own ? ageText(own.created, now) : NONE),
      ...OWN,
    }),
    text('expires', 'EXPIRES', ({ end }) => end.expires, {
      text: ({ end }) => timeLeftText(end.expires, now) ?? NONE,
    }),
    text('tags', 'TAGS', ({ own }) => list(own?.declared.tags ?? []), { cutTo: CUT_TO.words, ...OWN }),
    text('description', 'DESCRIPTION', ({ description }) => description, {
      text: ({ description }) => oneLine(description ?? NONE),
      ...WORDS,
    }),
    text('directory', 'DIRECTORY', ({ own }) => own?.directory, { cutTo: CUT_TO.words, ...OWN }),
    text('uuid', 'UUID', ({ uuid }) => uuid),
    text('host', 'HOST', ({ host }) => host),
  ];
}

/** What an interface is plugged into; a routed one into nothing. */
function bridgeWord(one: VmRow['interfaces'][number]): string | undefined {
  if (isRouted(one)) return 'routed';
  const plug = one.bridge ?? one.source;
  return one.vlan === undefined || plug === undefined ? plug : `${plug} vlan ${one.vlan}`;
}

/** What the firmware tries, in its order, where the document has one for devices: `network,vda`. */
function bootText({ interfaces, disks }: VmRow): string | undefined {
  const tried = [
    ...interfaces.map(({ bootOrder }) => ({ bootOrder, word: 'network' })),
    ...disks.map(({ bootOrder, target, device }) => ({
      bootOrder,
      word: device === 'cdrom' ? 'cdrom' : target,
    })),
  ];
  const inOrder = tried.toSorted((one, other) => (one.bootOrder ?? 0) - (other.bootOrder ?? 0));
  return list(inOrder.map(({ bootOrder, word }) => (bootOrder === undefined ? undefined : word)));
}

function stateText({ state, missing, end }: VmRow, now: Date): string {
  // Of those libvirt is to find no disk.
  if (state === 'moving' || state === 'moved' || state === 'incoming') return state;
  if (state !== 'destroyed') return missing.length === 0 ? state : `${state}, file missing`;
  const left = timeLeftText(end.undo?.until, now);
  if (left === undefined) return state;
  return left === 'expired' ? `${state}, undo ended` : `${state}, undo ends ${left}`;
}

/** By name and version where plow had pulled it, else by its file. */
function imageText({ image, own }: VmRow): string {
  const known = own?.declared.image;
  if (known !== undefined && known.path === image) return `${known.name}@${known.version}`;
  return image === undefined ? NONE : image.slice(image.lastIndexOf('/') + 1);
}

/** Of what plow knows of it. */
const OWN = { needs: ['own'] } as const;

/** Of its document. */
const WORDS = { cutTo: CUT_TO.words, needs: ['documents'] } as const;

type Extras = Partial<Omit<VmColumn, 'name' | 'title' | 'value'>>;

function text(
  name: string,
  title: string,
  value: (row: ShownVm) => string | undefined,
  extras: Extras = {},
): VmColumn {
  return { name, key: name, title, value, text: (row) => printable(value(row) || NONE), ...extras };
}

function number(
  name: string,
  title: string,
  key: string,
  value: (row: VmRow) => number | undefined,
  show: (value: number) => string,
): VmColumn {
  const shown = (row: VmRow): string => {
    const known = value(row);
    return known === undefined ? NONE : show(known);
  };
  return { name, key, title, value, text: shown };
}

/** What a VM that is off uses is nothing. */
function whenActive({ active }: VmRow, value: number): number | undefined {
  return active ? value : undefined;
}

function list(values: readonly (string | undefined)[]): string | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : [...new Set(known)].join(',');
}

function isDisk({ device }: { readonly device: string }): boolean {
  return device === 'disk' || device === 'lun';
}

/** So that .9 comes before .10. */
function ipOrder(address: string | undefined): string | undefined {
  return address?.replaceAll(/\d+/gu, (digits) => digits.padStart(3, '0'));
}
