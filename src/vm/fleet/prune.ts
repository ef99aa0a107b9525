import type { Machine } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import { moveOf, wayWord } from '../../libvirt-xml/metadata/move.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { removedMeanwhile } from '../list/unknown-vm.ts';
import { onItsWay } from '../protection/on-its-way.ts';
import { protectedVm } from '../protection/refuse.ts';

/** What the files say that are given. */
export interface GivenFiles {
  /** Of which fleets their VMs are. */
  readonly fleets: ReadonlySet<string>;
  /** How their VMs are called, on whatever host. */
  readonly names: ReadonlySet<string>;
}

/** A VM of one of these fleets that has no file among them. */
export interface Surplus {
  readonly name: string;
  readonly uuid: string;
  readonly fleet: string;
  /** Why it is not destroyed; undefined: it is. */
  readonly kept: Kept | undefined;
}

export interface Kept {
  /** That it is so, in a word that follows `is`. */
  readonly word: string;
  readonly error: PlowError;
}

/** A VM that may be one too many. */
interface Candidate {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  /** Its document. */
  readonly xml: string;
}

/** @param machines of all files that are given */
export function givenFiles(machines: readonly Machine[]): GivenFiles {
  return {
    fleets: new Set(machines.flatMap(({ fleet }) => fleet ?? [])),
    names: new Set(machines.map(({ name }) => name)),
  };
}

/** The VMs of a host that have no file any more, by name. @throws PlowError (operation) */
export async function surplusVms(given: GivenFiles, { hypervisor }: VmContext): Promise<readonly Surplus[]> {
  if (given.fleets.size === 0) return [];
  const listing = hypervisor.listDomains({ activeOnly: false, documents: true });
  using list = await explaining(listing, 'operation', 'cannot list the VMs');
  const all = list.domains.flatMap(
    ({ name, uuid, active, xml = '' }) => surplusOf({ name, uuid, active, xml }, given) ?? [],
  );
  return all.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * The same VM again, to be destroyed: by its UUID, and only while it is still one that has no file.
 * @throws PlowError (operation)
 */
export async function findSurplus(
  { name, uuid }: Surplus,
  given: GivenFiles,
  { hypervisor }: VmContext,
): Promise<Domain> {
  const cannot = `cannot look up VM '${name}'`;
  const domain = await explaining(hypervisor.findDomainByUuid(uuid), 'operation', cannot);
  if (domain === undefined) throw removedMeanwhile(name);
  try {
    const xml = await explaining(domain.xml('stored'), 'operation', cannot);
    const now = surplusOf({ name: domain.name, uuid, active: true, xml }, given);
    if (now?.kept !== undefined) throw now.kept.error;
    if (now === undefined)
      throw new PlowError('operation', `VM '${name}' was changed meanwhile: it is not destroyed`, {
        hint: 'the same command shows what there is to do by now',
      });
    return domain;
  } catch (error) {
    domain[Symbol.dispose]();
    throw error;
  }
}

/**
 * Undefined for a VM that is nothing to prune: plow has not made it, it is of no fleet or of one that no file
 * names, it has a file under the name that it has or was made with, or it is destroyed already.
 */
export function surplusOf({ name, uuid, active, xml }: Candidate, given: GivenFiles): Surplus | undefined {
  const document = parseIfPossible(xml);
  const metadata = metadataInDomain(document);
  if (document === undefined || metadata === undefined) return undefined;
  const { fleet, name: madeAs } = metadata.declared;
  if (fleet === undefined || !given.fleets.has(fleet)) return undefined;
  if (given.names.has(name) || given.names.has(madeAs)) return undefined;
  if (!active && endOf(document).undo !== undefined) return undefined;
  return { name, uuid, fleet, kept: whyKept(name, document, metadata.status) };
}

function whyKept(
  name: string,
  document: Parameters<typeof moveOf>[0],
  status: 'creating' | 'ready',
): Kept | undefined {
  const mark = moveOf(document);
  if (mark !== undefined) return { word: wayWord(mark), error: onItsWay(name, mark) };
  if (isProtected(document)) return { word: 'protected', error: protectedVm(name, 'it is not destroyed') };
  if (status === 'ready') return undefined;
  const error = new PlowError('operation', `VM '${name}' is incomplete: it is not destroyed`, {
    hint: `plow destroy ${shellArgument(name)} removes what a create has left`,
  });
  return { word: 'incomplete', error };
}
