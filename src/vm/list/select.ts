import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import { readMetadata } from '../../libvirt-xml/metadata/read.ts';
import { didYouMean } from '../../text/nearest.ts';
import { isPattern, patternOf } from '../../text/pattern.ts';
import { quote } from '../../text/quote.ts';
import { explaining } from '../failure.ts';
import { findVm } from './unknown-vm.ts';

/** Which VMs are meant. */
export interface Selection {
  /** Names, UUIDs, and patterns as a shell has them for names. */
  readonly words: readonly string[];
  readonly all: boolean;
  /** VMs with any of these tags. */
  readonly tags: readonly string[];
}

/**
 * The VMs that are meant, each once: a word for one that there is not.
 * @throws PlowError (operation) for a pattern or a tag that no VM matches
 */
export async function selectVms(
  { words, all, tags }: Selection,
  hypervisor: Hypervisor,
): Promise<readonly (Domain | string)[]> {
  if (all || tags.length > 0) return findVms(await namesWith(tags, hypervisor), hypervisor);
  const names = words.some(isPattern) ? await namesWith([], hypervisor) : [];
  const meant = words.flatMap((word) => (isPattern(word) ? matching(word, names) : [word]));
  return findVms([...new Set(meant)], hypervisor);
}

/**
 * The VMs of names and UUIDs, each once, be it named twice; a word for one that there is not.
 * @throws PlowError (operation)
 */
export async function findVms(
  names: readonly string[],
  hypervisor: Hypervisor,
): Promise<readonly (Domain | string)[]> {
  const found = await Promise.all(names.map(async (name) => (await findVm(name, hypervisor)) ?? name));
  const uuids = found.map((vm) => (typeof vm === 'string' ? vm : vm.uuid));
  return found.filter((_, index) => uuids.indexOf(uuids[index] ?? '') === index);
}

/** In order. @param tags any of these; of none: all VMs */
async function namesWith(tags: readonly string[], hypervisor: Hypervisor): Promise<readonly string[]> {
  const asked = tags.length === 0 ? {} : { metadataUri: METADATA_NAMESPACE.uri };
  const listing = hypervisor.listDomains({ activeOnly: false, ...asked });
  using list = await explaining(listing, 'operation', 'cannot list the VMs');
  if (tags.length === 0) return list.domains.map(({ name }) => name).toSorted();
  const tagged = list.domains.map(({ name, uuid, metadata }) => ({
    name,
    tags: (metadata === undefined ? undefined : readMetadata(metadata, uuid))?.declared.tags ?? [],
  }));
  const known = new Set(tagged.flatMap((vm) => vm.tags));
  for (const tag of tags) {
    if (known.has(tag)) continue;
    throw new PlowError('operation', `no VM has the tag ${quote(tag)}${didYouMean(tag, [...known])}`, {
      hint: 'plow list --all --columns name,tags shows the tags there are',
    });
  }
  return tagged.flatMap((vm) => (vm.tags.some((tag) => tags.includes(tag)) ? [vm.name] : [])).toSorted();
}

function matching(pattern: string, names: readonly string[]): readonly string[] {
  const matches = names.filter((name) => patternOf(pattern).test(name));
  if (matches.length > 0) return matches;
  throw new PlowError('operation', `no VM has a name like ${quote(pattern)}`, {
    hint: 'plow list --all shows the VMs there are',
  });
}
