import { addressFromMac } from '../../config/values/mac.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { readMacs } from '../../libvirt-xml/read/macs.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { addressesOf, ownAddresses } from '../host/own-addresses.ts';
import { usedOn } from '../network/elsewhere.ts';
import type { Taken } from './next.ts';

const SEEN_WITHIN_MS = 2000;
const NEIGHBOURS = '/proc/net/arp';
/** https://man7.org/linux/man-pages/man7/arp.7.html: ATF_COM, an entry that somebody has answered for. */
const COMPLETE = 0x2;

export interface UsedAddresses {
  readonly taken: Taken;
  /** What could not be looked at, each in words. */
  readonly unseen: readonly string[];
}

/**
 * IPv4 addresses that a hypervisor knows somebody has: its VMs, as plow made them, as their MAC addresses
 * tell, and as libvirt's DHCP server and the table of neighbours have seen them; their gateways; the
 * hypervisor itself; and, where it is this machine, whoever else is in its table of neighbours. Nothing is
 * changed.
 * @param documents of its VMs, where they are known
 * @throws PlowError (operation, connection) where its VMs cannot be listed
 */
export async function usedAddresses(
  { hypervisor }: Pick<VmContext, 'hypervisor'>,
  documents?: readonly DomainDocument[],
): Promise<UsedAddresses> {
  const vms = documents ?? (await usedOn(hypervisor));
  const unseen: string[] = [];
  try {
    const neighbours = await neighboursOf(hypervisor, unseen);
    const own = await addressesOfHost(hypervisor, unseen);
    const seen = await seenOf(vms, hypervisor, unseen);
    // Who is sure of more comes last.
    return {
      taken: new Map([...neighbours, ...vms.flatMap(gateways), ...own, ...seen, ...vms.flatMap(declared)]),
      unseen,
    };
  } catch (error) {
    throw explain(error, 'operation', 'cannot read which addresses are in use');
  }
}

type Entry = readonly [address: string, why: string];

function documentsOf({ stored, live }: DomainDocument) {
  return [stored, ...(live === undefined ? [] : [live])].flatMap((xml) => parseIfPossible(xml) ?? []);
}

function declared(vm: DomainDocument): readonly Entry[] {
  const why = `VM '${vm.name}'`;
  return documentsOf(vm).flatMap((document) => {
    const made = metadataInDomain(document)?.declared.interfaces ?? [];
    const macs = readMacs(document).flatMap((mac) => addressFromMac(mac.toLowerCase()) ?? []);
    return [...macs, ...made.map(({ address }) => address)].map((address): Entry => [address, why]);
  });
}

function gateways(vm: DomainDocument): readonly Entry[] {
  const all = documentsOf(vm).flatMap((document) => metadataInDomain(document)?.declared.interfaces ?? []);
  return all.flatMap(({ gateway }): readonly Entry[] =>
    gateway === undefined ? [] : [[gateway, `the gateway of VM '${vm.name}'`]],
  );
}

/**
 * As DHCP leases and the table of neighbours have them, of VMs that run: two round trips however many these
 * are, as calls overlap. @throws HypervisorError
 */
async function seenOf(
  vms: readonly DomainDocument[],
  hypervisor: Hypervisor,
  unseen: string[],
): Promise<readonly Entry[]> {
  const running = vms.filter(({ live }) => live !== undefined);
  if (running.length === 0) return [];
  try {
    using list = await hypervisor.listDomains({ activeOnly: true });
    const asked = list.domains.map(({ uuid }) => ({ uuid, askAgent: false }));
    const seen = await list.seenAddresses(asked, SEEN_WITHIN_MS);
    return list.domains.flatMap(({ name, uuid }) =>
      (seen.get(uuid) ?? []).flatMap(({ address, family }): readonly Entry[] =>
        family === 'ipv4' ? [[address, `VM '${name}', as seen`]] : [],
      ),
    );
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    unseen.push(`what VMs were seen with: ${error.message}`);
    return [];
  }
}

async function addressesOfHost(hypervisor: Hypervisor, unseen: string[]): Promise<readonly Entry[]> {
  const own = await ownAddresses(hypervisor);
  const asked = own ?? (await fromDocuments(hypervisor, unseen));
  return [...asked].map((address): Entry => [address, 'the hypervisor itself']);
}

async function fromDocuments(hypervisor: Hypervisor, unseen: string[]): Promise<ReadonlySet<string>> {
  try {
    return addressesOf(await hypervisor.listInterfaces());
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    unseen.push(`addresses of the hypervisor itself: ${error.message}`);
    return new Set();
  }
}

/** Others on its networks, machines that are no VMs among them. */
async function neighboursOf({ local }: Hypervisor, unseen: string[]): Promise<readonly Entry[]> {
  const table = await local?.read(NEIGHBOURS);
  if (table === undefined) {
    unseen.push('neighbours that are no VMs: libvirt does not tell the table of another machine');
    return [];
  }
  return table.split('\n').flatMap((line): readonly Entry[] => {
    const [address = '', , flags = '', mac = '', , device = ''] = line.trim().split(/\s+/u);
    const isThere = (Number.parseInt(flags, 16) & COMPLETE) !== 0;
    return isThere ? [[address, `a neighbour on ${device} (${mac})`]] : [];
  });
}
