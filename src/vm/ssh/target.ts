import { userMistake } from '../../config/values/guest-names.ts';
import { parseIpv4 } from '../../config/values/ipv4.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { DomainStatus, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { Declared } from '../../libvirt-xml/metadata/declared.ts';
import { metadataIn, metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explaining } from '../failure.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** Where the guest of a VM answers, and how it proves that it is that guest. */
export interface SshTarget {
  readonly name: string;
  readonly uuid: string;
  /** IPv4, or IPv6 of one that plow did not make. */
  readonly address: string;
  /** Undefined: nothing is known of who there is. */
  readonly user: string | undefined;
  /** Public halves, as type and key; none where plow does not know them. */
  readonly hostKeys: readonly string[];
}

/** How long a guest agent may take to say its addresses. */
const AGENT_WITHIN_MS = 1500;

/** Metadata may have been written by anyone: what is not of this shape is not given to ssh. */
const HOST_KEY = /^(?:ssh-ed25519|ecdsa-sha2-nistp256) [A-Za-z0-9+/]{40,400}={0,2}$/u;
const IPV6 = /^(?!fe80)[0-9a-f]*:[0-9a-f:.]+$/iu;

/**
 * The VM of that name or UUID, which runs.
 * @throws PlowError (operation) where there is none, it does not run, or has no address that is known
 */
export async function sshTarget(nameOrUuid: string, hypervisor: Hypervisor): Promise<SshTarget> {
  using domain = await presentVm(nameOrUuid, hypervisor);
  const { name, uuid } = domain;
  try {
    const status = await domain.status();
    refuseUnlessRunning(name, status);
    const { stored, live } = status.documents;
    const declared = metadataInDomain(readDocument({ name, xml: stored }))?.declared;
    const address =
      declaredAddress(name, declared) ??
      (await seenAddress(domain, readDocument({ name, xml: live ?? stored })));
    return { name, uuid, address, ...trustOf(declared) };
  } catch (error) {
    throw explainOfVm(error, name, `cannot look at VM '${name}'`);
  }
}

/**
 * Every VM that plow made, as it was declared, running or not; and the names of those that plow did not make.
 * @throws PlowError (operation)
 */
export async function sshTargets(
  hypervisor: Hypervisor,
): Promise<{ readonly targets: readonly SshTarget[]; readonly others: readonly string[] }> {
  const listing = hypervisor.listDomains({ activeOnly: false, documents: true });
  using list = await explaining(listing, 'operation', 'cannot list the VMs');
  const targets: SshTarget[] = [];
  const others: string[] = [];
  for (const { name, uuid, xml = '' } of list.domains) {
    const declared = metadataIn(xml, uuid)?.declared;
    const address = declared === undefined ? undefined : addressOf(declared);
    if (address === undefined || parseIpv4(address) === undefined) others.push(name);
    else targets.push({ name, uuid, address, ...trustOf(declared) });
  }
  const byName = (one: SshTarget, other: SshTarget): number => (one.name < other.name ? -1 : 1);
  return { targets: targets.toSorted(byName), others: others.toSorted() };
}

function refuseUnlessRunning(name: string, { active, state }: DomainStatus): void {
  const argument = shellArgument(name);
  if (!active) {
    throw new PlowError('operation', `VM '${name}' is not running`, { hint: `plow start ${argument}` });
  }
  if (state === 'paused' || state === 'pmsuspended') {
    throw new PlowError('operation', `VM '${name}' is suspended`, { hint: `plow resume ${argument}` });
  }
}

/** That of the interface with the default route. */
function addressOf({ interfaces }: Declared): string | undefined {
  return (interfaces.find(({ defaultRoute }) => defaultRoute === true) ?? interfaces[0])?.address;
}

function declaredAddress(name: string, declared: Declared | undefined): string | undefined {
  const address = declared === undefined ? undefined : addressOf(declared);
  if (address === undefined || parseIpv4(address) !== undefined) return address;
  throw new PlowError('operation', `the metadata of VM '${name}' has an address that is none`, {
    hint: `somebody has changed it: see plow show ${shellArgument(name)}`,
  });
}

/** What libvirt has seen, in its order; IPv4 first. */
async function seenAddress(domain: Domain, document: ReturnType<typeof readDocument>): Promise<string> {
  const { agent } = readDomain(document);
  const seen = await domain.seenAddresses({ askAgent: agent === 'connected', withinMs: AGENT_WITHIN_MS });
  const usable = seen.filter(isUsable);
  const found = usable.find(({ family }) => family === 'ipv4') ?? usable[0];
  if (found !== undefined) return found.address;
  throw new PlowError('operation', `no address of VM '${domain.name}' is known`, {
    hint: `plow did not make it, and its guest says none: see plow show ${shellArgument(domain.name)}`,
  });
}

function isUsable({ address, family }: SeenAddress): boolean {
  return family === 'ipv4' ? parseIpv4(address) !== undefined : IPV6.test(address);
}

function trustOf(declared: Declared | undefined): Pick<SshTarget, 'user' | 'hostKeys'> {
  const { sshUser: user, sshHostKeys: keys = [] } = declared?.provisioning ?? {};
  const isUser = user === 'root' || (user !== undefined && userMistake(user) === undefined);
  return { user: isUser ? user : undefined, hostKeys: keys.every((key) => HOST_KEY.test(key)) ? keys : [] };
}
