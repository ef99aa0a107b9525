import { ARCHITECTURES } from '../../../config/architectures.ts';
import { ARCHES } from '../../../config/machine.ts';
import type { ConsoleFacts } from '../../../libvirt-xml/domain/devices/console.ts';
import type { VncFacts } from '../../../libvirt-xml/domain/devices/vnc.ts';
import type { DomainFacts } from '../../../libvirt-xml/domain/read.ts';
import { durationText, memoryText } from '../../../text/quantities.ts';
import type { Declared } from '../../../libvirt-xml/metadata/declared.ts';
import type { Value, VmDetails } from '../details.ts';
import { EXTRA_FIELDS } from './extras.ts';
import { compared, each, json, jsonOrNull, oneOf, parts, words } from './field.ts';
import type { Key, VmField } from './field.ts';
import { VNC_FIELD } from './vnc.ts';
import { LAYOUT_FIELDS } from './layout.ts';

const KIB_PER_MIB = 1024;

const FIRMWARE: readonly Key<DomainFacts>[] = [
  { key: 'type', json: oneOf(['uefi', 'bios'], ({ firmware }) => firmware) },
  { key: 'loader', json: jsonOrNull('string', ({ loader }) => loader, 'null where libvirt chooses') },
  { key: 'nvram', json: jsonOrNull('string', ({ nvram }) => nvram) },
];

const CONSOLE: readonly Key<ConsoleFacts>[] = [
  { key: 'type', json: json('string', ({ type }) => type, 'serial, console, vnc, spice...') },
  {
    key: 'at',
    json: jsonOrNull(
      'string',
      ({ at }) => at,
      'a device or file of the host, or an address; null for one that is not open',
    ),
  },
  {
    key: 'log',
    json: jsonOrNull('string', ({ log }) => log, 'the file that keeps what it writes; null: none does'),
  },
];

/** What there is to tell of a VM as a machine. */
export const MACHINE_FIELDS: readonly VmField[] = [
  {
    key: 'vcpus',
    json: json('integer', ({ vcpus }) => vcpus),
    lines: (details) => [['VCPUs', vcpusText(details)]],
    declared: jsonOrNull('number', ({ vcpus }) => vcpus),
    declaredLines: ({ vcpus, layout }) => [
      [
        'VCPUs',
        words(vcpus?.toString(), layout?.vcpusMax === undefined ? undefined : `${layout.vcpusMax} at most`),
      ],
    ],
    compare: compared(
      ({ vcpus }) => vcpus,
      ({ vcpus }) => vcpus,
    ),
  },
  {
    key: 'maximum_vcpus',
    json: json('integer', ({ facts }) => facts.maximumVcpus, 'what can be plugged in while it runs'),
    // As with memory: one change is told once.
    compare: ({ made, stored, live }) => ({
      declared: made?.layout?.vcpusMax ?? (isAll(stored) ? undefined : made?.vcpus),
      stored: stored.maximumVcpus,
      live: live && isAll(stored) && isAll(live) ? undefined : live?.maximumVcpus,
    }),
    word: 'most vcpus',
  },
  {
    key: 'memory_kib',
    json: json('integer', ({ memoryKib }) => memoryKib, 'the most that the guest can have'),
    lines: (details) => [['Memory', memoryWords(details)]],
    declared: jsonOrNull('number', ({ memoryKib }) => memoryKib),
    declaredLines: (made) => [['Memory', madeMemory(made)]],
    compare: compared(
      ({ memoryKib }) => memoryKib,
      (made) => mostKib(made) ?? made.memoryKib,
      sameMebibytes,
    ),
    word: 'memory',
    unit: 'KiB',
  },
  {
    key: 'current_memory_kib',
    json: jsonOrNull(
      'integer',
      ({ active, currentMemoryKib }) => (active ? currentMemoryKib : undefined),
      'what the balloon leaves it; null for one that is off',
    ),
    // Where the most was changed the balloon's part of it was as well, which need not be told twice.
    compare: ({ made, stored, live }) => ({
      declared: hasAllMemory(stored) && mostKib(made) === undefined ? undefined : made?.memoryKib,
      stored: stored.currentMemoryKib,
      // A guest has all of it until its balloon driver is there, which a restart does not change.
      live: live && hasAllMemory(live) && mostKib(made) !== undefined ? undefined : live?.currentMemoryKib,
      isSame: sameMebibytes,
    }),
    word: 'current memory',
    unit: 'KiB',
  },
  {
    key: 'cpu_seconds',
    json: jsonOrNull(
      'number',
      ({ active, cpuSeconds }) => (active ? cpuSeconds : undefined),
      'of all its CPUs since it was started; null for one that is off',
    ),
    lines: ({ active, cpuSeconds }) => [['CPU time', active ? durationText(cpuSeconds) : undefined]],
  },
  {
    key: 'cpu_mode',
    json: jsonOrNull('string', ({ facts }) => facts.cpuMode, 'as stored; null: the default'),
    lines: ({ facts }) => [['CPU mode', facts.cpuMode ?? 'the default']],
    declared: jsonOrNull('string', ({ cpuMode }) => cpuMode),
    declaredLines: ({ cpuMode }) => [['CPU mode', cpuMode]],
    compare: compared(
      ({ cpuMode }) => cpuMode,
      ({ cpuMode }) => cpuMode,
      sameCpuMode,
    ),
    word: 'CPU mode',
  },
  ...LAYOUT_FIELDS,
  {
    key: 'on_crash',
    json: json('string', ({ facts }) => facts.onCrash, 'what becomes of it when its guest crashes'),
    lines: ({ facts }) => [['On a crash', facts.onCrash === 'destroy' ? undefined : facts.onCrash]],
    declared: json('string', ({ onCrash }) => onCrash),
    declaredLines: ({ onCrash }) => [['On a crash', onCrash === 'destroy' ? undefined : onCrash]],
    compare: compared(
      ({ onCrash }) => onCrash,
      ({ onCrash }) => onCrash,
    ),
    word: 'action on a crash',
  },
  {
    key: 'virt_type',
    json: json('string', ({ facts }) => facts.type),
    lines: ({ facts }) => [['Type', [facts.type, facts.arch, facts.machineType].filter(Boolean).join(', ')]],
    declared: jsonOrNull('string', ({ virtType }) => virtType, 'null: what the hypervisor could do'),
    declaredLines: ({ virtType }) => [['Virt type', virtType ?? 'what the hypervisor could do']],
    compare: compared(
      ({ type }) => type,
      ({ virtType }) => virtType,
    ),
    word: 'virtualization',
  },
  {
    key: 'arch',
    json: jsonOrNull('string', ({ facts }) => facts.arch, 'x86_64, aarch64...'),
    declared: jsonOrNull('string', ({ arch }) => arch, "null: the hypervisor's own"),
    declaredLines: ({ arch }) => [['Architecture', arch]],
    compare: compared(
      ({ arch }) => arch,
      ({ arch }) => arch,
    ),
    word: 'architecture',
  },
  {
    key: 'machine_type',
    json: jsonOrNull('string', ({ facts }) => facts.machineType),
    declared: jsonOrNull('string', ({ machineType }) => machineType),
    declaredLines: ({ machineType }) => [['Machine type', machineType]],
    compare: compared(
      ({ machineType }) => machineType,
      ({ machineType }) => machineType,
      sameMachineType,
    ),
    word: 'machine type',
  },
  {
    key: 'firmware',
    json: parts(FIRMWARE, ({ facts }) => facts),
    lines: ({ facts }) => [
      ['Firmware', facts.firmware],
      ['Loader', facts.loader],
      ['NVRAM', facts.nvram],
    ],
    declared: jsonOrNull('string', ({ firmware }) => firmware),
    declaredLines: ({ firmware }) => [['Firmware', firmware]],
    compare: compared(
      ({ firmware }) => firmware,
      ({ firmware }) => firmware,
    ),
  },
  {
    key: 'guest_agent',
    json: {
      shape: {
        type: ['connected', 'disconnected', 'unknown'],
        orNull: true,
        about: 'null: it has no channel for one; unknown: the VM is off',
      },
      value: ({ facts }) => facts.agent,
    },
    lines: (details) => [['Guest agent', agentText(details)]],
  },
  {
    key: 'consoles',
    json: each(CONSOLE, ({ facts }) => facts.consoles),
    lines: ({ facts, active }) =>
      facts.consoles.flatMap(({ type, at, log }) => [
        ['Console', `${type} ${at ?? closedText(type, active ? facts.vnc : undefined)}`],
        ['Console log', log],
      ]),
  },
  VNC_FIELD,
  ...EXTRA_FIELDS,
];

/** @param screen of one that runs */
function closedText(type: string, screen: VncFacts | undefined): string {
  return type === 'vnc' && screen?.listen === 'none' ? '(no socket: plow vnc opens it)' : '(not open)';
}

function vcpusText({ vcpus, facts }: VmDetails): string {
  return facts.maximumVcpus > vcpus ? `${vcpus}, ${facts.maximumVcpus} at most` : String(vcpus);
}

function memoryWords({ active, memoryKib, currentMemoryKib }: VmDetails): string {
  const isLess = active && currentMemoryKib !== memoryKib;
  return words(memoryText(memoryKib), isLess ? `${memoryText(currentMemoryKib)} of it now` : undefined);
}

function agentText({ facts, active }: VmDetails): string | undefined {
  if (facts.agent === undefined) return 'no channel for it';
  return active ? facts.agent : undefined;
}

function madeMemory(made: Declared): string | undefined {
  const [now, most] = [made.memoryKib, mostKib(made)];
  if (now === undefined) return undefined;
  return words(memoryText(now), most === undefined ? undefined : `${memoryText(most)} at most`);
}

function mostKib(made: Declared | undefined): number | undefined {
  const mib = made?.layout?.memoryMaxMib;
  return mib === undefined ? undefined : mib * KIB_PER_MIB;
}

function hasAllMemory({ memoryKib, currentMemoryKib }: DomainFacts): boolean {
  return memoryKib === currentMemoryKib;
}

function isAll({ vcpus, maximumVcpus }: DomainFacts): boolean {
  return vcpus === maximumVcpus;
}

/** libvirt rounds up what runs to whole MiB. */
function sameMebibytes(one: Value, other: Value): boolean {
  return Math.ceil(Number(one) / KIB_PER_MIB) === Math.ceil(Number(other) / KIB_PER_MIB);
}

/** Of a VM that runs libvirt writes out which CPU it chose: for `host-model`, and where nothing is stored. */
function sameCpuMode(stored: Value, other: Value): boolean {
  return stored === other || (other === 'custom' && (stored === 'host-model' || stored === null));
}

/** `q35`, `pc` and `virt` stand for the newest that the hypervisor has. */
function sameMachineType(stored: Value, other: Value): boolean {
  const newest = ARCHES.map((arch) => ARCHITECTURES[arch].machineTypes[String(other)]).find(Boolean);
  return stored === other || (newest !== undefined && String(stored).startsWith(newest));
}
