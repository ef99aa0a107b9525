import type { OnCrash } from '../../config/machine.ts';
import { ON_CRASH } from '../../config/machine.ts';
import type { DraftValues } from '../../config/draft/draft.ts';
import { descriptionMistake, nameMistake, tagMistake } from '../../config/values/names.ts';
import { lifetimeText } from '../../config/values/lifetime.ts';
import type { Declared } from '../../libvirt-xml/metadata/declared.ts';
import { architecture, cpuMode, machineType } from './architecture.ts';
import type { Evidence } from './evidence.ts';
import { memory } from './parts/memory.ts';
import { Words } from './piece.ts';
import type { Piece } from './piece.ts';

const LONGEST_NAME = 63;

/** The nearest name that a VM of plow can have. */
export function plowName(name: string): string {
  const lower = name.toLowerCase();
  if (nameMistake(lower) === undefined) return lower;
  const plain = lower
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9_-]+/gu, '-')
    .replace(/^[^a-z0-9]+/u, '')
    .slice(0, LONGEST_NAME)
    .replace(/[^a-z0-9]+$/u, '');
  return nameMistake(plain) === undefined ? plain : `vm-${plain}`.replace(/-$/u, '-1');
}

/** What is neither disk nor network nor guest. */
export function generalPiece(evidence: Evidence): Piece {
  const { facts, metadata, autostart } = evidence;
  const made: Partial<Declared> = metadata?.declared ?? {};
  const words = new Words();
  const name = plowName(facts.name);
  if (name !== facts.name)
    words.at(['name'], `the domain is called '${facts.name}', as no VM of plow can be`);
  words.changed(['vcpus'], facts.vcpus, made.vcpus);
  const values: DraftValues = {
    name,
    description: readDescription(evidence, words),
    tags: readTags(made.tags),
    fleet: readTag(made.fleet),
    group: readTag(made.group),
    vcpus: facts.vcpus,
    ...memory(evidence, words),
    cpu_mode: cpuMode(evidence, words),
    autostart,
    on_crash: onCrash(evidence, words),
    expires: expires(evidence, words),
    arch: architecture(evidence),
    machine: machineType(evidence, words),
    firmware: facts.firmware,
    virt_type: virtType(evidence, words),
  };
  words.changed(['autostart'], autostart, made.autostart);
  words.changed(['firmware'], facts.firmware, made.firmware);
  tellFirmware(evidence, words);
  tellState(evidence, words);
  return { values, remarks: words.remarks, rest: words.rest };
}

/** As it was asked for: a lease of a VM that is made of the file begins then. */
function expires({ facts, metadata }: Evidence, words: Words): DraftValues['expires'] {
  const asked = metadata?.declared.lifetimeMinutes;
  const text = asked === undefined ? undefined : lifetimeText(asked);
  const end = facts.end.expires;
  if (text === undefined && end !== undefined) words.at(['expires'], `expires: its lease ends ${end}`);
  return text;
}

/** Another action is told among what a file cannot say. */
function onCrash({ facts, metadata }: Evidence, words: Words): OnCrash | undefined {
  const action = ON_CRASH.find((one) => one === facts.onCrash);
  if (action !== undefined) words.changed(['on_crash'], action, metadata?.declared.onCrash);
  return action;
}

/** Anyone may have edited them. */
function readTags(tags: readonly string[] = []): readonly string[] {
  return tags.filter((tag) => tagMistake(tag) === undefined);
}

/** A name of the same shape. */
function readTag(name: string | undefined): string | undefined {
  return name === undefined || tagMistake(name) !== undefined ? undefined : name;
}

/** In one line, as comments are. */
function quoted(description: string | undefined): string {
  return description === undefined ? 'none' : `'${description.trim().replaceAll(/\s+/gu, ' ')}'`;
}

/** DomainFacts has it without blanks at its ends. */
function readDescription({ document, metadata }: Evidence, words: Words): string | undefined {
  const text = document.first('description')?.text();
  const made = metadata?.declared;
  if (made !== undefined && (text ?? '').trim() !== (made.description ?? '').trim())
    words.at(['description'], `description: it was ${quoted(made.description)} when plow made the VM`);
  if (text === undefined || descriptionMistake(text) === undefined) return text;
  words.at(['description'], 'description: the domain has one that holds control characters, or is too long');
  return undefined;
}

/** A VM of plow's that said none runs as what its hypervisor can do, here and elsewhere. */
function virtType({ facts, metadata }: Evidence, words: Words): DraftValues['virt_type'] {
  const made = metadata?.declared.virtType;
  if (metadata !== undefined && made === undefined) return undefined;
  if (facts.type !== 'qemu' && facts.type !== 'kvm') return undefined;
  words.changed(['virt_type'], facts.type, made);
  return facts.type === 'kvm' && made === undefined ? undefined : facts.type;
}

function tellFirmware({ facts, document }: Evidence, words: Words): void {
  const isAutomatic = document.first('os')?.attribute('firmware') !== undefined;
  if (facts.loader !== undefined && !isAutomatic)
    words.rest.push(`firmware: UEFI from ${facts.loader}; plow lets libvirt choose the file`);
}

function tellState({ snapshots, persistent }: Evidence, words: Words): void {
  if (snapshots > 0) words.rest.push(`${snapshots} ${snapshots === 1 ? 'snapshot' : 'snapshots'}`);
  if (!persistent) words.rest.push('the domain exists only while it runs');
}
