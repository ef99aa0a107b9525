import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { DomainStatus } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { keptPaths, rebuildOf } from '../../libvirt-xml/metadata/rebuild.ts';
import type { Rebuild } from '../../libvirt-xml/metadata/rebuild.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { readDisks } from '../../libvirt-xml/read/used-files.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { refuseDestroyed } from '../lifecycle/power.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import { readDocument } from '../read-document.ts';

/** A VM of plow's, some of whose files are to be others. */
export interface OwnVm {
  readonly domain: Domain;
  readonly status: DomainStatus;
  /** As stored, with all passwords: to be changed and defined again. */
  readonly text: string;
  /** The same, parsed. */
  readonly stored: XmlElement;
  /** As it runs; undefined for one that is off. */
  readonly live: XmlElement | undefined;
  readonly metadata: DomainMetadata;
  /** Undefined: it has one boot disk, and no other is kept or made. */
  readonly rebuild: Rebuild | undefined;
}

/**
 * @param cannot begins the message of what is refused
 * @throws PlowError (operation) for one that plow did not make, or that cannot be changed for good
 * @throws HypervisorError
 */
export async function lookAtOwn(domain: Domain, cannot: string): Promise<OwnVm> {
  const { name } = domain;
  const status = await domain.status();
  const text = await domain.wholeDocument();
  const stored = readDocument({ name, xml: text });
  refuseOnItsWay(name, stored);
  refuseDestroyed(name, endOf(stored));
  const metadata = metadataInDomain(stored);
  const argument = shellArgument(name);
  const refuse = (why: string, hint?: string): never => {
    throw new PlowError('operation', `${cannot}: ${why}`, hint === undefined ? {} : { hint });
  };
  if (metadata === undefined)
    return refuse(
      'plow did not make it',
      `plow export --adopt ${argument} makes it one of plow's, if it can be`,
    );
  if (metadata.status === 'creating')
    refuse(
      'it is incomplete: its create is under way, or died',
      `plow destroy ${argument} removes what is there`,
    );
  if (posix.basename(metadata.directory) !== metadata.declared.name)
    refuse(`its metadata name ${metadata.directory}, which is not its own`);
  if (!status.persistent) refuse('it is transient: nothing is stored that could change');
  if (status.managedSave === true)
    refuse('its memory was saved, in which it is as it was', `plow start ${argument} lets it go on first`);
  const { live } = status.documents;
  return {
    domain,
    status,
    text,
    stored,
    live: live === undefined ? undefined : readDocument({ name, xml: live }),
    metadata,
    rebuild: rebuildOf(stored),
  };
}

/** Paths of what its documents name: disks with what is below, drives, configs of Ignition. */
export function namedPaths({
  stored,
  live,
  rebuild,
  metadata,
}: Pick<OwnVm, 'stored' | 'live' | 'rebuild' | 'metadata'>): ReadonlySet<string> {
  const documents = live === undefined ? [stored] : [stored, live];
  const named = documents.flatMap((document) => {
    const { disks, ignition } = readDomain(document);
    const layers = disks.flatMap(({ backing }) => backing);
    return [...readDisks(document).flatMap(({ path }) => path ?? []), ...layers, ignition?.file ?? []].flat();
  });
  return new Set([...named, ...(rebuild === undefined ? [] : keptPaths(rebuild, metadata.directory))]);
}
