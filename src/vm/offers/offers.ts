import { bridgeMistake, imageMistake } from '../../config/values/names.ts';
import { subnetText, parseCidr } from '../../config/values/ipv4.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { DeclaredInterface } from '../../libvirt-xml/metadata/declared.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { Taken } from '../addresses/next.ts';
import { usedAddresses } from '../addresses/used.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { bridgeProblem, bridgesAmong, bridgesUnknown, isRefusal } from '../host/bridges.ts';
import type { Bridge } from '../host/bridges.ts';
import { usedOn } from '../network/elsewhere.ts';
import { imagesOf } from './images.ts';
import type { OfferedImage } from './images.ts';

/** What a hypervisor has for a new VM. All names are ones that a VM file takes; texts may be of strangers. */
export interface Offers {
  readonly bridges: readonly OfferedBridge[];
  readonly images: readonly OfferedImage[];
  /** Names of all VMs. */
  readonly vms: readonly string[];
  readonly taken: Taken;
  /** What could not be looked at, each in words. */
  readonly unseen: readonly string[];
}

export interface OfferedBridge {
  readonly name: string;
  /** That it has addresses in, or VMs; the surest first. */
  readonly subnets: readonly OfferedSubnet[];
  /** Why a VM on it reaches nobody. */
  readonly problem: string | undefined;
}

export interface OfferedSubnet {
  /** `10.20.30.0/24` */
  readonly text: string;
  /** That VMs of it have, the one that most have. */
  readonly gateway: string | undefined;
  readonly dnsServers: readonly string[];
}

/**
 * Looks at what a hypervisor has for a new VM, and changes nothing that stays. What cannot be looked at is
 * left out, and told.
 * @throws PlowError (operation, connection) where its VMs cannot be listed
 */
export async function offersOf(context: VmContext): Promise<Offers> {
  const { hypervisor } = context;
  const documents = await usedOn(hypervisor);
  const unseen: string[] = [];
  try {
    const used = await usedAddresses(context, documents);
    const interfaces = documents.flatMap(interfacesOf);
    const bridges = await bridgesOf(hypervisor, unseen);
    const { images, unseen: noImages } = await imagesOf(context);
    return {
      bridges: bridges.map((bridge) => offered(bridge, interfaces)),
      images: images.filter(({ image }) => imageMistake(image) === undefined),
      vms: documents.map(({ name }) => name),
      taken: used.taken,
      unseen: [...used.unseen, ...unseen, ...noImages],
    };
  } catch (error) {
    if (error instanceof PlowError) throw error;
    throw explain(error, 'operation', 'cannot look at what the hypervisor has for a new VM');
  }
}

function interfacesOf({ stored }: DomainDocument): readonly DeclaredInterface[] {
  return metadataInDomain(parseIfPossible(stored))?.declared.interfaces ?? [];
}

/** @throws HypervisorError (disconnected) */
async function bridgesOf(hypervisor: Hypervisor, unseen: string[]): Promise<readonly Bridge[]> {
  try {
    const bridges = bridgesAmong(await hypervisor.listInterfaces());
    return bridges.filter(({ name }) => bridgeMistake(name) === undefined);
  } catch (error) {
    if (!(error instanceof HypervisorError) || !isRefusal(error)) throw error;
    unseen.push(bridgesUnknown(error));
    return [];
  }
}

/** With the subnets of its own addresses, and of VMs that plow has made on it. */
function offered(bridge: Bridge, all: readonly DeclaredInterface[]): OfferedBridge {
  const there = all.filter((one) => one.bridge === bridge.name);
  const ofVms = there.map(({ address, prefixLength }) => `${address}/${prefixLength ?? ''}`);
  const subnets = [...new Set([...bridge.addresses, ...ofVms].flatMap(subnetAround))];
  return {
    name: bridge.name,
    problem: bridgeProblem(bridge)?.text,
    subnets: subnets.map((text) => ({ text, ...usual(text, there) })),
  };
}

/** A subnet that has room for a VM beside somebody. */
function subnetAround(address: string): readonly string[] {
  const cidr = parseCidr(address);
  return cidr === undefined || cidr.prefixLength === 0 || cidr.prefixLength > 30 ? [] : [subnetText(cidr)];
}

function usual(subnet: string, all: readonly DeclaredInterface[]): Omit<OfferedSubnet, 'text'> {
  const there = all.filter(({ address, prefixLength }) =>
    subnetAround(`${address}/${prefixLength ?? ''}`).includes(subnet),
  );
  const gateway = mostOf(there.flatMap((one) => one.gateway ?? []));
  const servers = mostOf(there.map(({ dnsServers }) => dnsServers.join(' ')).filter((text) => text !== ''));
  return { gateway, dnsServers: servers?.split(' ') ?? [] };
}

function mostOf(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}
