import { yesNo } from '../../../text/yes-no.ts';
import { oneLine } from '../../../text/one-line.ts';
import { ageText } from '../../../text/quantities.ts';
import { wayWord } from '../../../libvirt-xml/metadata/move.ts';
import type { VmDetails } from '../details.ts';
import { seenEntry } from './address.ts';
import { BOOT_DISK_FIELDS } from './boot-disk.ts';
import { DIFFERENCE } from './difference.ts';
import { DECLARED_DATA_DISK, declaredDiskText, DISK_FIELDS } from './disk.ts';
import { END_FIELDS } from './end.ts';
import { compared, declaredKeys, each, json, jsonOrNull } from './field.ts';
import { ordered, partsOrNull } from './field.ts';
import type { Key, VmField } from './field.ts';
import { declaredInterfaceText, INTERFACE_FIELDS } from './interface.ts';
import { MACHINE_FIELDS } from './machine.ts';
import { TWO_OF_IT_FIELDS } from './two-of-it.ts';
import { PROVISIONING_FIELDS, PROVISIONING_FILE_FIELDS } from './provisioning.ts';

/** What a VM is called, and how it is. */
export const STATUS_FIELDS: readonly VmField[] = [
  {
    key: 'name',
    json: json('string', ({ name }) => name),
    compare: compared(
      ({ name }) => name,
      ({ name }) => name,
    ),
  },
  { key: 'uuid', json: json('string', ({ uuid }) => uuid), lines: ({ uuid }) => [['UUID', uuid]] },
  {
    key: 'title',
    json: jsonOrNull('string', ({ facts }) => facts.title),
    lines: ({ facts }) => [['Title', facts.title && oneLine(facts.title)]],
  },
  {
    key: 'description',
    json: jsonOrNull('string', ({ facts }) => facts.description),
    lines: ({ facts }) => [['Description', facts.description && oneLine(facts.description)]],
    declared: jsonOrNull('string', ({ description }) => description),
    compare: compared(
      ({ description }) => description,
      ({ description }) => description ?? null,
    ),
  },
  {
    key: 'tags',
    json: json('strings', ({ own }) => [...(own?.declared.tags ?? [])]),
    lines: ({ own }) => [
      ['Tags', own && own.declared.tags.length > 0 ? own.declared.tags.join(', ') : undefined],
    ],
    declared: json('strings', ({ tags }) => [...tags]),
  },
  {
    key: 'fleet',
    json: jsonOrNull('string', ({ own }) => own?.declared.fleet),
    lines: ({ own }) => [['Fleet', own?.declared.fleet && oneLine(own.declared.fleet)]],
    declared: jsonOrNull('string', ({ fleet }) => fleet),
  },
  {
    key: 'group',
    json: jsonOrNull('string', ({ own }) => own?.declared.group),
    lines: ({ own }) => [['Group', own?.declared.group && oneLine(own.declared.group)]],
    declared: jsonOrNull('string', ({ group }) => group),
  },
  {
    key: 'state',
    json: {
      shape: { type: 'state', orNull: false, about: undefined },
      value: ({ incomplete, active, facts, state }) => {
        if (facts.end.undo !== undefined && !active) return 'destroyed';
        if (facts.move !== undefined) return wayWord(facts.move);
        return incomplete ? 'incomplete' : state;
      },
    },
  },
  {
    key: 'reason',
    json: jsonOrNull(
      'string',
      ({ reason }) => reason,
      "why it is in libvirt's state, as virsh domstate --reason says",
    ),
  },
  { key: 'active', json: json('boolean', ({ active }) => active, 'whether it has a QEMU now') },
  {
    key: 'qemu_answers',
    json: jsonOrNull(
      'boolean',
      ({ active, disks, isLate }) =>
        active && disks.some(({ source }) => source !== undefined) ? !isLate : undefined,
      'false where its QEMU gave no answer in time; null for one that is off, or has no disk',
    ),
  },
  {
    key: 'since',
    json: jsonOrNull(
      'string',
      ({ since }) => since,
      'since when it is in that state, ISO 8601; null where nobody knows',
    ),
  },
  {
    key: 'started',
    json: jsonOrNull(
      'string',
      ({ started }) => started,
      'when its QEMU was started, ISO 8601; only the hypervisor itself can tell',
    ),
  },
  {
    key: 'persistent',
    json: json('boolean', ({ persistent }) => persistent, 'false for one that is gone once it stops'),
    lines: ({ persistent }) => [['Persistent', persistent ? 'yes' : 'no, it is gone once it stops']],
  },
  {
    key: 'autostart',
    json: json('boolean', ({ autostart }) => autostart, 'whether it starts with the host'),
    lines: ({ autostart }) => [['Autostart', yesNo(autostart)]],
    declared: jsonOrNull('boolean', ({ autostart }) => autostart),
    declaredLines: ({ autostart }) => [['Autostart', yesNo(autostart)]],
    compare: ({ made, autostart }) => ({ declared: made?.autostart, stored: autostart }),
  },
  {
    key: 'protected',
    json: json(
      'boolean',
      ({ facts }) => facts.isProtected,
      'whether plow refuses to destroy it: plow unprotect lifts it',
    ),
    lines: ({ facts }) => [['Protected', facts.isProtected ? 'yes, plow unprotect lifts it' : undefined]],
  },
  ...END_FIELDS,
  ...TWO_OF_IT_FIELDS,
  {
    key: 'managed_save',
    json: jsonOrNull(
      'boolean',
      ({ managedSave }) => managedSave,
      'whether it goes on from saved memory at the next start',
    ),
    lines: ({ managedSave }) => [
      ['Saved memory', managedSave === true ? 'yes, it goes on from there at the next start' : undefined],
    ],
  },
  {
    key: 'snapshots',
    json: jsonOrNull('integer', ({ snapshots }) => snapshots),
    lines: ({ snapshots }) => [['Snapshots', snapshots?.toString() ?? 'unknown']],
  },
];

/** What a VM consists of; boot disk, data disks and provisioning only as plow made them. */
const PART_FIELDS: readonly VmField[] = [
  ...BOOT_DISK_FIELDS,
  {
    key: 'data_disks',
    declared: each(DECLARED_DATA_DISK, ({ dataDisks }) => dataDisks),
    declaredLines: ({ dataDisks }) =>
      dataDisks.map((disk) => [`Disk ${disk.device}`, declaredDiskText(disk)]),
  },
  { key: 'disks', json: each(DISK_FIELDS, ({ disks }) => disks) },
  {
    key: 'interfaces',
    json: each(INTERFACE_FIELDS, ({ interfaces }) => interfaces),
    declared: each(declaredKeys(INTERFACE_FIELDS), ({ interfaces }) => interfaces),
    declaredLines: ({ interfaces }) => interfaces.map((one) => ['Interface', declaredInterfaceText(one)]),
  },
  {
    key: 'other_addresses',
    json: {
      shape: {
        type: 'addresses',
        orNull: false,
        about: 'seen at no interface above, such as a bridge in the guest',
      },
      value: ({ otherAddresses }) => otherAddresses.map(seenEntry),
    },
  },
  ...PROVISIONING_FIELDS,
];

/** Where a VM comes from. */
export const ORIGIN_FIELDS: readonly VmField[] = [
  ...PROVISIONING_FILE_FIELDS,
  { key: 'made_by_plow', json: json('boolean', ({ own }) => own !== undefined) },
  {
    key: 'plow_version',
    json: jsonOrNull('string', ({ own }) => own?.version, 'of the plow that made it'),
    lines: ({ own }) => [['Made by', own === undefined ? 'not by plow' : `plow ${own.version}`]],
  },
  {
    key: 'created',
    json: jsonOrNull('string', ({ own }) => own?.created, 'ISO 8601; null unless plow made it'),
    lines: ({ own }, { now }) => [['Created', own && timeText(own.created, now)]],
  },
  {
    key: 'directory',
    json: jsonOrNull('string', ({ own }) => own?.directory, "the VM's own, on the hypervisor"),
    lines: ({ own }) => [['Directory', own?.directory]],
  },
];

/** All that there is to tell of a VM, in the order of its document. */
export const VM_FIELDS: readonly VmField[] = [
  ...STATUS_FIELDS,
  ...MACHINE_FIELDS,
  ...PART_FIELDS,
  ...ORIGIN_FIELDS,
];

const DECLARED_FIRST = [
  'vcpus',
  'memory_kib',
  'boot_disk',
  'known_image',
  'data_disks',
  'interfaces',
  'cloud_init',
  'provisioning',
  'cpu_mode',
];

/** What plow made a VM with, for people. */
export const DECLARED_FIELDS = ordered(VM_FIELDS, [
  ...DECLARED_FIRST,
  'arch',
  'machine_type',
  'firmware',
  'virt_type',
  'on_crash',
  'autostart',
]);

const DECLARED_KEYS = declaredKeys(
  ordered(VM_FIELDS, [
    ...DECLARED_FIRST,
    'autostart',
    'firmware',
    'virt_type',
    'arch',
    'machine_type',
    'on_crash',
    'description',
    'tags',
    'fleet',
    'group',
  ]),
);

/** Under `vm` in the document of show. */
export const VM_KEYS: readonly Key<VmDetails>[] = [
  ...VM_FIELDS,
  {
    key: 'declared',
    json: partsOrNull(
      DECLARED_KEYS,
      ({ own }) => own?.declared,
      'what plow made it with; null unless plow made it',
    ),
  },
  { key: 'differences', json: each(DIFFERENCE, ({ differences }) => differences) },
];

/** `3 days ago (2026-11-21T09:00:00.000Z)`. */
export function timeText(iso: string, now: Date): string {
  const age = ageText(iso, now);
  return age === iso ? iso : `${age} (${iso})`;
}
