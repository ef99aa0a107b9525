import type { GuestKind } from '../../config/settle.ts';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { Host, HostInterface } from '../../hypervisor/host.ts';
import { readDomainCapabilities } from '../../libvirt-xml/read/domain-capabilities.ts';
import { guestFeaturesOf, readGuests } from '../../libvirt-xml/read/guests.ts';
import { judge } from './judge.ts';
import type { Judgement, Told } from './judge.ts';
import { FEATURES } from './table.ts';
import type { Decider, FeatureName } from './table.ts';

/** Machines that domain capabilities are told of. */
export type MachineKind = GuestKind & { readonly machineType: string };

/** What a hypervisor says of itself. */
export type Source = Pick<
  Host,
  'capabilities' | 'domainCapabilities' | 'libvirtVersion' | 'listInterfaces' | 'qemuVersion'
>;

/** Asks a hypervisor each question once. An answer that is an error is kept as well. */
export class AskedOnce implements Source {
  readonly #host: Source;
  readonly #ofDomains = new Map<string, Promise<string>>();
  #capabilities: Promise<string> | undefined;
  #libvirt: Promise<number> | undefined;
  #qemu: Promise<number> | undefined;
  #interfaces: Promise<readonly HostInterface[]> | undefined;

  constructor(host: Source) {
    this.#host = host;
  }

  capabilities(): Promise<string> {
    return (this.#capabilities ??= this.#host.capabilities());
  }

  domainCapabilities(kind: MachineKind): Promise<string> {
    const { arch, virtType, machineType } = kind;
    const key = [arch, virtType, machineType].join(' ');
    const answer = this.#ofDomains.get(key) ?? this.#host.domainCapabilities(kind);
    this.#ofDomains.set(key, answer);
    return answer;
  }

  libvirtVersion(): Promise<number> {
    return (this.#libvirt ??= this.#host.libvirtVersion());
  }

  qemuVersion(): Promise<number> {
    return (this.#qemu ??= this.#host.qemuVersion());
  }

  listInterfaces(): Promise<readonly HostInterface[]> {
    return (this.#interfaces ??= this.#host.listInterfaces());
  }
}

/**
 * Whether a hypervisor has features, of which it is asked no more than decides them.
 * @param runsAs how the guest in question runs @throws HypervisorError
 */
export async function judgeAll(
  names: readonly FeatureName[],
  source: Source,
  runsAs: MachineKind | undefined,
): Promise<readonly Judgement[]> {
  const deciders = new Set(names.map((name): Decider['by'] => FEATURES[name].decided.by));
  const needs = (...some: readonly Decider['by'][]): boolean => some.some((one) => deciders.has(one));
  const guests = needs('virt type', 'guest feature') ? readGuests(await source.capabilities()) : undefined;
  const told: Told = {
    runsAs: runsAs?.virtType,
    libvirt: needs('libvirt') ? await source.libvirtVersion() : undefined,
    virtTypes: guests?.flatMap(({ virtTypes }) => virtTypes),
    guestFeatures: guests && guestFeaturesOf(guests),
    ofDomains:
      needs('firmware', 'cpu mode', 'secure boot', 'tpm', 'virtiofs', 'vnc') && runsAs !== undefined
        ? await ofDomains(source, runsAs)
        : undefined,
    listsInterfaces: needs('interfaces') ? await listsInterfaces(source) : undefined,
  };
  return names.map((name) => judge(name, told));
}

/** One of them. @throws HypervisorError */
export async function judgeOne(name: FeatureName, source: Source, runsAs?: MachineKind): Promise<Judgement> {
  const [judgement] = await judgeAll([name], source, runsAs);
  if (judgement === undefined) throw new Error(`there is no feature ${name}`);
  return judgement;
}

/** Undefined where it is not told to us, or not at all. */
async function ofDomains(source: Source, kind: MachineKind): Promise<Told['ofDomains']> {
  try {
    return readDomainCapabilities(await source.domainCapabilities(kind));
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return undefined;
  }
}

async function listsInterfaces(source: Source): Promise<boolean | undefined> {
  try {
    await source.listInterfaces();
    return true;
  } catch (error) {
    if (isReason(error, 'unsupported')) return false;
    if (isReason(error, 'disconnected')) throw error;
    return undefined;
  }
}
