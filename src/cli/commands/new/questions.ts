import { hostsFrom, inSubnet, parseCidr, parseIpv4, subnetText } from '../../../config/values/ipv4.ts';
import type { Cidr } from '../../../config/values/ipv4.ts';
import { nextFree } from '../../../vm/addresses/next.ts';
import type { Taken } from '../../../vm/addresses/next.ts';
import type { OfferedBridge, OfferedSubnet, Offers } from '../../../vm/offers/offers.ts';
import { USUAL_USER } from '../../../views/new/vm-file.ts';
import type { NewVm } from '../../../views/new/vm-file.ts';

/** What is asked for, in this order. */
export const ASKED = [
  'name',
  'image',
  'bridge',
  'ip',
  'gateway',
  'dns',
  'vcpus',
  'memory',
  'disk',
  'user',
  'keys',
] as const satisfies readonly (keyof NewVm)[];

export type Asked = (typeof ASKED)[number];

/** What says it without a question. */
export function flagOf(key: Asked): string {
  return key === 'keys' ? '--key' : `--${key}`;
}

/** What a file is given where nobody says it: these have an answer that goes without saying. */
export const OPTIONAL: ReadonlySet<Asked> = new Set(['dns', 'vcpus', 'memory', 'disk', 'user']);

/** What is known when a question is asked. */
export interface Known {
  readonly vm: NewVm;
  /** Undefined: the hypervisor was not asked. */
  readonly offers: Offers | undefined;
  /** Images that can be pulled, by name, and what they are. */
  readonly catalog: readonly Pullable[];
  /** Keys of the user. */
  readonly keys: readonly OwnKey[];
  /** By the hypervisor and by files. */
  readonly taken: Taken;
}

export interface Pullable {
  readonly name: string;
  readonly description: string;
  readonly guest: NewVm['guest'];
}

export interface OwnKey {
  readonly key: string;
  /** `agent`, or its file. */
  readonly from: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

export interface Question {
  readonly message: string;
  /** What Enter takes; undefined: there is nothing that goes without saying. */
  readonly usual: string | undefined;
  /** Undefined: it is typed. */
  readonly choices?: readonly Choice[];
}

const USUAL_GIB = 20;
const GIB = 2 ** 30;

/** A question about a VM of which those before are answered. Keys have questions of their own. */
export function questionOf(key: Exclude<Asked, 'keys'>, known: Known): Question {
  return QUESTIONS[key](known);
}

const QUESTIONS: Readonly<Record<Exclude<Asked, 'keys'>, (known: Known) => Question>> = {
  name: () => ({ message: 'Name of the VM', usual: undefined }),
  image: imageQuestion,
  bridge: bridgeQuestion,
  ip: (known) => ({
    message: `IP address in ${subnetWords(known)}`,
    usual: usualIp(known),
  }),
  gateway: (known) => ({ message: 'Gateway', usual: usualGateway(known) }),
  dns: (known) => ({
    message: 'DNS servers, with commas between them',
    usual: subnetOfIp(known)?.dnsServers.join(', ') ?? '',
  }),
  vcpus: () => ({ message: 'Virtual CPUs', usual: '2' }),
  memory: () => ({ message: 'Memory in GiB', usual: '2' }),
  disk: (known) => ({ message: 'Boot disk in GiB', usual: String(usualGib(known)) }),
  user: ({ vm }) => ({
    message: 'Who logs in with your key',
    usual: USUAL_USER[vm.guest],
  }),
};

function imageQuestion({ offers, catalog }: Known): Question {
  const there = (offers?.images ?? []).map(({ image, about }) => ({
    value: image,
    label: image,
    hint: about,
  }));
  const names = new Set(there.map(({ value }) => value));
  const pullable = catalog
    .filter(({ name }) => !names.has(name))
    .map(({ name, description }) => ({ value: name, label: name, hint: `to be pulled: ${description}` }));
  return { message: 'Image', usual: there[0]?.value, choices: [...there, ...pullable] };
}

function bridgeQuestion({ offers }: Known): Question {
  const bridges = offers?.bridges ?? [];
  const choices = bridges.map((one) => ({ value: one.name, label: one.name, hint: bridgeWords(one) }));
  const sound = bridges.filter(({ problem }) => problem === undefined);
  const usual = sound.find(({ subnets }) => subnets.length > 0) ?? sound[0];
  return { message: 'Bridge of the hypervisor', usual: usual?.name, choices };
}

/** What a bridge is in, and what is wrong with it. */
export function bridgeWords({ subnets, problem }: OfferedBridge): string {
  const where = subnets.length === 0 ? 'no known subnet' : subnets.map(({ text }) => text).join(', ');
  return problem === undefined ? where : `${where}; ${problem}`;
}

function bridgeOf({ vm, offers }: Known): OfferedBridge | undefined {
  return offers?.bridges.find(({ name }) => name === vm.bridge);
}

function subnetWords(known: Known): string {
  return bridgeOf(known)?.subnets[0]?.text ?? 'the subnet, 10.20.30.40/24';
}

/** The first address of the subnet of its bridge that nobody has; undefined where none is known. */
export function usualIp(known: Known): string | undefined {
  const subnet = bridgeOf(known)?.subnets[0];
  const cidr = subnet && parseCidr(subnet.text);
  if (subnet === undefined || cidr === undefined) return undefined;
  const gateway = known.vm.gateway ?? subnet.gateway ?? firstOf(cidr);
  const taken = new Map(known.taken).set(gateway ?? '', 'the gateway');
  try {
    return nextFree(cidr, 1, taken)[0];
  } catch {
    return undefined;
  }
}

/** That of VMs there, else a guess: the first address of the subnet. */
function usualGateway(known: Known): string | undefined {
  return subnetOfIp(known)?.gateway ?? guessedGateway(known.vm);
}

/** The first address of the subnet, where it is not the VM's own. */
export function guessedGateway({ ip }: NewVm): string | undefined {
  const cidr = parseCidr(ip ?? '');
  if (cidr === undefined || cidr.prefixLength > 30) return undefined;
  const first = firstOf(parseCidr(subnetText(cidr)));
  return first === cidr.text ? undefined : first;
}

function firstOf(cidr: Cidr | undefined): string | undefined {
  return cidr === undefined ? undefined : (hostsFrom(cidr).next().value ?? undefined);
}

function subnetOfIp(known: Known): OfferedSubnet | undefined {
  const address = parseIpv4(known.vm.ip?.split('/')[0] ?? '');
  const subnets = bridgeOf(known)?.subnets ?? [];
  return subnets.find(({ text }) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && address !== undefined && inSubnet(address, cidr);
  });
}

function usualGib({ vm, offers }: Known): number {
  const image = offers?.images.find((one) => one.image === vm.image);
  return Math.max(USUAL_GIB, Math.ceil((image?.capacityBytes ?? 0) / GIB));
}
