import { addressFromMac } from '../../config/values/mac.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { macsIn } from '../../libvirt-xml/read/macs.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import type { InterfaceFacts } from '../../libvirt-xml/domain/devices/interface.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { readMetadata } from '../../libvirt-xml/metadata/read.ts';
import type { DomainInfo, DomainState, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { ListedDomain } from '../../hypervisor/listing.ts';

export interface VmRow extends Omit<DomainInfo, 'state'> {
  readonly name: string;
  readonly uuid: string;
  /** `incomplete`: a create is under way, or died. */
  readonly state: DomainState | 'incomplete';
  readonly active: boolean;
  /** The one to show of a VM that runs: as it was configured, else as it was seen. */
  readonly address: string | undefined;
  /** Of interfaces that it has: the metadata may know one that is gone. */
  readonly declared: readonly DeclaredAddress[];
  /** Of a VM that runs. */
  readonly seen: readonly SeenAddress[];
  readonly autostart: boolean | undefined;
  readonly persistent: boolean | undefined;
  /** As ListedDomain has them: without these it does not start. */
  readonly missing: readonly string[];
  /** As libvirt has it, whoever wrote it. Undefined where the table alone was asked for. */
  readonly description: string | undefined;
  /** As it runs, or as it is stored if it does not. Empty where the table alone was asked for. */
  readonly disks: readonly DiskFacts[];
  readonly interfaces: readonly InterfaceFacts[];
  /** Base image that the boot disk is an overlay on, or was copied from. */
  readonly image: string | undefined;
  /** What plow knows of a VM that it made. */
  readonly own: Omit<DomainMetadata, 'status' | 'uuid'> | undefined;
}

/** An address that a VM was made with. */
export interface DeclaredAddress {
  readonly address: string;
  /** Undefined where only a MAC address of plow's kind tells the address. */
  readonly prefixLength: number | undefined;
  readonly mac: string;
}

export interface ListVmsOptions {
  /** Those that do not run as well. */
  readonly all: boolean;
  /** `table`: nothing is asked that only other columns show. */
  readonly detail: 'table' | 'all';
}

/** How long guests may take to say their addresses. */
const WITHIN_MS = 2000;

/** The VMs of a hypervisor by name. @throws HypervisorError */
export async function listVms(
  hypervisor: Hypervisor,
  { all, detail }: ListVmsOptions,
): Promise<readonly VmRow[]> {
  const read = rememberingReader();
  const domains = await hypervisor.listDomains({
    activeOnly: !all,
    metadataUri: METADATA_NAMESPACE.uri,
    detail,
    withinMs: WITHIN_MS,
    whoTells: ({ uuid, metadata, xml }) => {
      if (detail === 'table' && declaredAddresses(readOwn(metadata, uuid), xml).length > 0) return 'nobody';
      return read(xml)?.agent === 'connected' ? 'guest' : 'host';
    },
  });
  const rows = domains.flatMap((domain) =>
    domain.info === undefined
      ? []
      : [toRow(domain, domain.info, detail === 'all' ? read(domain.xml) : undefined)],
  );
  return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names alone, in order: one round trip. @throws HypervisorError */
export async function listNames(
  hypervisor: Hypervisor,
  { all }: Pick<ListVmsOptions, 'all'>,
): Promise<readonly string[]> {
  const domains = await hypervisor.listDomains({
    activeOnly: !all,
    metadataUri: METADATA_NAMESPACE.uri,
    detail: 'names',
    withinMs: 0,
    whoTells: () => 'nobody',
  });
  return domains.map(({ name }) => name).toSorted();
}

type Reader = (document: string | undefined) => DomainFacts | undefined;

/** Each document is read once; one that cannot be read must not cost the others their place in the list. */
function rememberingReader(): Reader {
  const known = new Map<string, DomainFacts | undefined>();
  return (document) => {
    if (document === undefined) return undefined;
    if (!known.has(document)) known.set(document, tryToRead(document));
    return known.get(document);
  };
}

function tryToRead(document: string): DomainFacts | undefined {
  try {
    return readDomain(document);
  } catch {
    return undefined;
  }
}

/** @param facts of its document, where more than the table is shown */
export function toRow(domain: ListedDomain, info: DomainInfo, facts: DomainFacts | undefined): VmRow {
  const { name, uuid, active, autostart, persistent, missing, seen, metadata, xml } = domain;
  const own = readOwn(metadata, uuid);
  const declared = declaredAddresses(own, xml);
  const disks = facts?.disks ?? [];
  return {
    ...info,
    name,
    uuid,
    state: own?.status === 'creating' ? 'incomplete' : info.state,
    active,
    address: active ? (declared[0]?.address ?? mostTelling(seen)) : undefined,
    declared,
    seen,
    autostart,
    persistent,
    missing,
    description: facts?.description,
    disks,
    interfaces: facts?.interfaces ?? [],
    image: own?.declared.bootDisk.image ?? disks.find(({ device }) => device === 'disk')?.backing[0],
    own,
  };
}

function readOwn(metadata: string | undefined, uuid: string): DomainMetadata | undefined {
  return metadata === undefined ? undefined : readMetadata(metadata, uuid);
}

/**
 * Of the interfaces that the domain has: what plow gave them, else what a MAC address of plow's kind says, as VMs of the same
 * network have that plow did not make.
 */
function declaredAddresses(
  own: DomainMetadata | undefined,
  document: string | undefined,
): readonly DeclaredAddress[] {
  const macs = new Set(document === undefined ? [] : macsIn(document));
  const made = (own?.declared.interfaces ?? []).flatMap(({ address, prefixLength, mac }) =>
    mac !== undefined && macs.delete(mac) ? [{ address, prefixLength, mac }] : [],
  );
  const others = [...macs].flatMap((mac): readonly DeclaredAddress[] => {
    const address = addressFromMac(mac);
    return address === undefined ? [] : [{ address, prefixLength: undefined, mac }];
  });
  return [...made, ...others];
}

/** The guest knows best, and IPv4 is what plow's networks are made of. */
function mostTelling(seen: readonly SeenAddress[]): string | undefined {
  return (seen.find(({ family }) => family === 'ipv4') ?? seen[0])?.address;
}
