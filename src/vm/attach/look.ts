import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { changedMetadata } from '../../libvirt-xml/metadata/change.ts';
import type { MachineChange } from '../../libvirt-xml/metadata/change.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { refuseIncomplete } from '../lifecycle/power.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** A VM that gets or loses a device. */
export interface Seen {
  readonly domain: Domain;
  readonly documents: readonly XmlElement[];
  readonly stored: DomainFacts;
  /** Undefined for a VM that does not run. */
  readonly live: DomainFacts | undefined;
  /** What plow wrote into it; undefined for a VM of another tool. */
  readonly metadata: DomainMetadata | undefined;
}

/** @throws PlowError (operation) for one that cannot be changed for good */
export async function look(domain: Domain): Promise<Seen> {
  const { name } = domain;
  const status = await ofVm(domain.status(), name);
  const { stored, live } = status.documents;
  refuseIncomplete(name, stored);
  if (!status.persistent)
    throw new PlowError('operation', `VM '${name}' is transient: nothing is stored that could change`);
  if (status.managedSave === true) {
    throw new PlowError('operation', `VM '${name}' goes on from saved memory, in which it is as it was`, {
      hint: `plow start ${shellArgument(name)} lets it go on; it can be changed then`,
    });
  }
  const document = readDocument({ name, xml: stored });
  const running = live === undefined ? undefined : readDocument({ name, xml: live });
  const metadata = metadataInDomain(document);
  const isOwn = metadata !== undefined && posix.basename(metadata.directory) === metadata.declared.name;
  return {
    domain,
    documents: running === undefined ? [document] : [document, running],
    stored: readDomain(document),
    live: running && readDomain(running),
    metadata: isOwn ? metadata : undefined,
  };
}

/** What plow wrote down follows; read again, as somebody may have written to it. @throws HypervisorError */
export async function writeDown(domain: Domain, change: MachineChange): Promise<void> {
  const { name } = domain;
  const element = changedMetadata(readDocument({ name, xml: await domain.xml('stored') }), change);
  if (element !== undefined) await domain.setMetadata(element, METADATA_NAMESPACE);
}

/** @throws PlowError */
export async function ofVm<T>(work: Promise<T>, name: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explainOfVm(error, name, `cannot change VM '${name}'`);
  }
}
