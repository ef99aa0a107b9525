import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { endIn } from '../../libvirt-xml/metadata/end.ts';
import { metadataIn } from '../../libvirt-xml/metadata/read.ts';
import { didYouMean } from '../../text/nearest.ts';
import { isPattern, matcherOf } from '../../text/pattern.ts';
import { quote } from '../../text/quote.ts';
import { explaining } from '../failure.ts';
import { findVm, presentVm, removedMeanwhile } from './unknown-vm.ts';

/** Which VMs are meant. */
export interface Selection {
  /** Names, UUIDs, and patterns as a shell has them for names. */
  readonly words: readonly string[];
  readonly all: boolean;
  /** VMs with any of these tags. */
  readonly tags: readonly string[];
  /** Those that were destroyed and can be brought back, in place of the others; by name it is any. */
  readonly isOfDestroyed?: boolean;
  /** That no VM matches a pattern or a tag is no error. */
  readonly mayBeNone?: boolean;
}

/** A VM that is meant. */
export interface SelectedVm {
  readonly name: string;
  /** Null where there is none of that name. */
  readonly uuid: string | null;
  /** By its name or UUID, and not as one of many. */
  readonly isNamed: boolean;
  /** To be disposed of. @throws PlowError (operation) where there is none, or not any more */
  readonly find: () => Promise<Domain>;
}

/**
 * The VMs that are meant, each once. A name that a VM has is that VM's, be it a pattern or not. One that was
 * destroyed and can be brought back is meant where it is named, and by no pattern, tag or `--all` of others.
 * @throws PlowError (operation) for a pattern or a tag that no VM matches
 */
export async function selectVms(
  { words, all, tags, isOfDestroyed = false, mayBeNone = false }: Selection,
  hypervisor: Hypervisor,
): Promise<readonly SelectedVm[]> {
  if (!all && tags.length === 0 && !words.some(isPattern)) return named(words, hypervisor);
  const present = await listed(hypervisor);
  const known = present.filter(({ isDestroyed }) => isDestroyed === isOfDestroyed);
  if (all) return known.map((vm) => remembered(vm, hypervisor));
  if (tags.length > 0) return withTags(tags, known, mayBeNone).map((vm) => remembered(vm, hypervisor));
  const meant = words.flatMap((word): readonly (KnownVm | string)[] => {
    const own =
      present.find(({ name }) => name === word) ?? present.find(({ uuid }) => uuid === word.toLowerCase());
    if (own !== undefined) return [own];
    return isPattern(word) ? matching(word, known, mayBeNone) : [word];
  });
  return [...new Set(meant)].map((vm) =>
    typeof vm === 'string'
      ? missing(vm, hypervisor)
      : remembered(vm, hypervisor, words.includes(vm.name) || words.includes(vm.uuid)),
  );
}

/**
 * The VMs of names and UUIDs, each once, be it named twice; a word for one that there is not.
 * @throws PlowError (operation)
 */
async function findVms(
  names: readonly string[],
  hypervisor: Hypervisor,
): Promise<readonly (Domain | string)[]> {
  const found = await Promise.all(names.map(async (name) => (await findVm(name, hypervisor)) ?? name));
  const uuids = found.map((vm) => (typeof vm === 'string' ? vm : vm.uuid));
  return found.filter((_, index) => uuids.indexOf(uuids[index] ?? '') === index);
}

async function named(words: readonly string[], hypervisor: Hypervisor): Promise<readonly SelectedVm[]> {
  const vms = await findVms([...new Set(words)], hypervisor);
  return vms.map((vm) =>
    typeof vm === 'string'
      ? missing(vm, hypervisor)
      : { name: vm.name, uuid: vm.uuid, isNamed: true, find: async () => vm },
  );
}

function missing(word: string, hypervisor: Hypervisor): SelectedVm {
  return { name: word, uuid: null, isNamed: true, find: () => presentVm(word, hypervisor) };
}

interface KnownVm {
  readonly name: string;
  readonly uuid: string;
  /** Of one that plow made. */
  readonly tags: readonly string[];
  /** And off: whatever was not finished is as the others are. */
  readonly isDestroyed: boolean;
}

/** By its UUID: one that is made anew under its name meanwhile was not meant. */
function remembered({ name, uuid }: KnownVm, hypervisor: Hypervisor, isNamed = false): SelectedVm {
  const find = async (): Promise<Domain> => {
    const looking = hypervisor.findDomainByUuid(uuid);
    const domain = await explaining(looking, 'operation', `cannot look up VM '${name}'`);
    if (domain === undefined) throw removedMeanwhile(name);
    return domain;
  };
  return { name, uuid, isNamed, find };
}

/** All that there are, by name. */
async function listed(hypervisor: Hypervisor): Promise<readonly KnownVm[]> {
  const listing = hypervisor.listDomains({ activeOnly: false, documents: true });
  using list = await explaining(listing, 'operation', 'cannot list the VMs');
  const vms = list.domains.map(({ name, uuid, active, xml = '' }) => ({
    name,
    uuid,
    tags: metadataIn(xml, uuid)?.declared.tags ?? [],
    isDestroyed: !active && endIn(xml, uuid).undo !== undefined,
  }));
  return vms.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function withTags(
  tags: readonly string[],
  known: readonly KnownVm[],
  mayBeNone: boolean,
): readonly KnownVm[] {
  const all = new Set(known.flatMap((vm) => vm.tags));
  for (const tag of tags) {
    if (mayBeNone || all.has(tag)) continue;
    throw new PlowError('operation', `no VM has the tag ${quote(tag)}${didYouMean(tag, [...all])}`, {
      hint: 'plow list --all --columns name,tags shows the tags there are',
    });
  }
  return known.filter((vm) => vm.tags.some((tag) => tags.includes(tag)));
}

function matching(pattern: string, known: readonly KnownVm[], mayBeNone: boolean): readonly KnownVm[] {
  const isLike = matcherOf(pattern);
  const matches = known.filter(({ name }) => isLike(name));
  if (mayBeNone || matches.length > 0) return matches;
  throw new PlowError('operation', `no VM has a name like ${quote(pattern)}`, {
    hint: 'plow list --all shows the VMs there are',
  });
}
