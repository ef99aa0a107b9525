import { addressFromMac } from '../../config/values/mac.ts';
import type { Declared } from '../../libvirt-xml/metadata/declared.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { InterfaceFacts } from '../../libvirt-xml/domain/devices/interface.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { provisioningFileOf } from '../../config/vm-paths.ts';
import type { InterfaceDetails, VmDetails } from './details.ts';
import { differences } from './differences/differences.ts';
import type { DomainStatus, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { lookAtFiles } from './files.ts';
import { stateTimes } from './state-times.ts';
import { readDocument } from '../read-document.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';

/** How long a QEMU may take to tell the size of its disks, and its guest to say its addresses. */
const DISKS_WITHIN_MS = 1000;
const AGENT_WITHIN_MS = 1500;

/** @throws PlowError (operation) where there is none of that name or UUID */
export async function showVm(nameOrUuid: string, hypervisor: Hypervisor): Promise<VmDetails> {
  using domain = await presentVm(nameOrUuid, hypervisor);
  return await showDomain(domain, hypervisor);
}

/** As showVm, of one that was found. @throws PlowError (operation) */
export async function showDomain(domain: Domain, hypervisor: Hypervisor): Promise<VmDetails> {
  return orExplained(domain.name, lookAt(domain, hypervisor));
}

/** The domain document, as it runs or as it is stored if it does not. @throws PlowError (operation) */
export async function vmDocument(nameOrUuid: string, hypervisor: Hypervisor): Promise<string> {
  using domain = await presentVm(nameOrUuid, hypervisor);
  return await domainDocument(domain);
}

/** As vmDocument, of one that was found. @throws PlowError (operation) */
export async function domainDocument(domain: Domain): Promise<string> {
  return orExplained(domain.name, domain.xml('live'));
}

async function orExplained<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explainOfVm(error, name, `cannot look at VM '${name}'`);
  }
}

/** What may wait for a QEMU or a guest comes last. */
async function lookAt(domain: Domain, hypervisor: Hypervisor): Promise<VmDetails> {
  const { name, uuid } = domain;
  const { documents, ...status } = await domain.status();
  const document = readDocument({ name, xml: documents.stored });
  const stored = readDomain(document);
  const live =
    documents.live === undefined ? undefined : readDomain(readDocument({ name, xml: documents.live }));
  // Of one that runs libvirt has written out which CPU it chose.
  const facts = { ...(live ?? stored), cpuMode: stored.cpuMode };
  const own = readOwn(document);
  const taps = facts.interfaces.flatMap(({ tap }) => (tap === undefined ? [] : [tap]));
  const traffic = await domain.traffic(status.active ? taps : []);
  const { seed, ignition } = guestFiles(own, facts);
  const { disks, exist, inTime } = await lookAtFiles(domain, hypervisor, {
    disks: facts.disks,
    isActive: status.active,
    others: [seed, ignition].flatMap((file) => file?.path ?? []),
    withinMs: DISKS_WITHIN_MS,
  });
  const isGuestUnasked = hypervisor.isReadOnly && status.active && facts.agent === 'connected';
  const seen = await seenAddresses(domain, status, facts, inTime && !isGuestUnasked);
  const times = await stateTimes(domain, status, hypervisor);
  return {
    ...status,
    name,
    uuid,
    incomplete: own?.status === 'creating',
    isHere: hypervisor.local !== undefined,
    ...times,
    facts,
    disks,
    interfaces: facts.interfaces.map((one) => ({
      ...one,
      declared: declaredAddresses(one, own?.declared),
      seen: seen.filter(({ mac }) => mac !== undefined && mac === one.mac),
      traffic: traffic.get(one.tap ?? ''),
    })),
    otherAddresses: seen.filter(({ mac }) => !facts.interfaces.some((one) => one.mac === mac)),
    ignition: ignition && { ...ignition, exists: exist.get(ignition.path) },
    own: own && {
      version: own.version,
      created: own.created,
      directory: own.directory,
      declared: own.declared,
      seed: seed && { ...seed, exists: exist.get(seed.path) },
    },
    // An incomplete one is not yet as it was declared.
    differences: differences({
      own: own?.status === 'creating' ? undefined : own,
      stored,
      live,
      autostart: status.autostart,
      capacities: new Map(
        disks.flatMap(({ source = '', size }) => (size === undefined ? [] : [[source, size.capacityBytes]])),
      ),
    }),
    isLate: !inTime,
    isGuestUnasked,
  };
}

/** From the metadata, else from a MAC address of plow's kind. */
function declaredAddresses(
  { mac }: InterfaceFacts,
  declared: Declared | undefined,
): InterfaceDetails['declared'] {
  if (mac === undefined) return [];
  const own = (declared?.interfaces ?? []).filter((one) => one.mac === mac);
  const address = own.length === 0 ? addressFromMac(mac) : undefined;
  return address === undefined ? own : [{ address, prefixLength: undefined }];
}

/** A guest whose QEMU hangs does not answer either, nor one that may not be asked. */
function seenAddresses(
  domain: Domain,
  { active }: Pick<DomainStatus, 'active'>,
  { agent }: DomainFacts,
  mayAsk: boolean,
): Promise<readonly SeenAddress[]> | readonly SeenAddress[] {
  if (!active) return [];
  return domain.seenAddresses({
    askAgent: agent === 'connected' && mayAsk,
    withinMs: AGENT_WITHIN_MS,
  });
}

function readOwn(document: XmlElement) {
  const metadata = metadataInDomain(document);
  if (metadata === undefined) return undefined;
  const { status, version, created, directory, declared } = metadata;
  return { status, version, created, directory, declared };
}

/** What sets up the guest: a seed as plow made it, and a config also where somebody else hands it on. */
function guestFiles(own: ReturnType<typeof readOwn>, { ignition }: DomainFacts) {
  const guest = own?.declared.provisioning;
  const format = guest?.format;
  const made = own && guest && { path: `${own.directory}/${provisioningFileOf(guest)}`, name: undefined };
  const config = ignition && { path: ignition.file, name: ignition.name };
  return {
    seed: format === 'cloud-init' && made ? { path: made.path } : undefined,
    ignition: config ?? (format === 'ignition' ? made : undefined),
  };
}
