import { archCalled } from '../../config/architectures.ts';
import { ARCHES } from '../../config/machine.ts';
import type { Arch, VirtType } from '../../config/machine.ts';
import { readHostTopology } from './host-topology.ts';
import type { HostTopology } from './host-topology.ts';
import { parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

/** What guests of one architecture can be. */
export interface GuestFacts {
  /** What they can run as. */
  readonly virtTypes: readonly VirtType[];
  /** Their machine types, and the most virtual CPUs of each, where libvirt says. */
  readonly machines: ReadonlyMap<string, number | undefined>;
}

/** With the facts of guests of its own architecture. */
export interface HostFacts extends GuestFacts {
  readonly topology: HostTopology;
  /** That of VMs whose file says none: the host's own; of a host that plow has no words for x86_64. */
  readonly arch: Arch;
  readonly guests: Readonly<Record<Arch, GuestFacts>>;
  /** User and group that QEMU runs as; undefined where libvirt does not say. */
  readonly qemuUser: { readonly uid: number; readonly gid: number } | undefined;
}

/** From the capabilities document. https://libvirt.org/formatcaps.html */
export function readCapabilities(capabilitiesDocument: string): HostFacts {
  const capabilities = parseXml(capabilitiesDocument);
  const arch = hostArch(capabilities);
  const guests = { x86_64: guestFacts(capabilities, 'x86_64'), aarch64: guestFacts(capabilities, 'aarch64') };
  const dac = capabilities
    .all('host', 'secmodel')
    .find((model) => model.first('model')?.text() === 'dac')
    ?.first('baselabel')
    ?.text();
  const user = /^\+(?<uid>\d+):\+(?<gid>\d+)$/u.exec(dac ?? '')?.groups;
  return {
    topology: readHostTopology(capabilities),
    arch,
    guests,
    ...guests[arch],
    qemuUser: user && { uid: Number(user['uid']), gid: Number(user['gid']) },
  };
}

/** Of a hypervisor; undefined where its capabilities tell none. @throws HypervisorError for what is no XML */
export function hostUuid(capabilitiesDocument: string): string | undefined {
  return parseXml(capabilitiesDocument).first('host', 'uuid')?.text().trim();
}

function hostArch(capabilities: XmlElement): Arch {
  return archCalled(capabilities.first('host', 'cpu', 'arch')?.text()) ?? 'x86_64';
}

/** Nothing where the host runs no such guests. */
function guestFacts(capabilities: XmlElement, name: Arch): GuestFacts {
  const arch = archOf(capabilities, name);
  return {
    machines: new Map(arch === undefined ? [] : machinesOf(arch)),
    virtTypes: arch === undefined ? [] : virtTypesOf(arch),
  };
}

export function virtTypesOf(arch: XmlElement): readonly VirtType[] {
  const types = arch.children('domain').map((domain) => domain.attribute('type'));
  return (['kvm', 'qemu'] as const).filter((type) => types.includes(type));
}

/** All CPUs of the host; undefined where libvirt does not say. */
export function countCpus(capabilitiesDocument: string): number | undefined {
  const cells = parseXml(capabilitiesDocument).all('host', 'topology', 'cells', 'cell', 'cpus');
  const counts = cells.map((cpus) => Number(cpus.attribute('num')));
  const sum = counts.reduce((total, count) => total + count, 0);
  return sum > 0 ? sum : undefined;
}

export function machineElements(arch: XmlElement): readonly XmlElement[] {
  return [...arch.children('machine'), ...arch.all('domain', 'machine')];
}

/** What an alias such as q35 or virt stands for, by alias. */
export function readMachineAliases(capabilitiesDocument: string): ReadonlyMap<string, string> {
  const capabilities = parseXml(capabilitiesDocument);
  const machines = ARCHES.flatMap((name) => {
    const arch = archOf(capabilities, name);
    return arch === undefined ? [] : machineElements(arch);
  });
  return new Map(
    machines.flatMap((machine) => {
      const canonical = machine.attribute('canonical');
      return canonical === undefined ? [] : [[machine.text(), canonical] as const];
    }),
  );
}

/** Guests with hardware of their own. */
export function hvmGuests(capabilities: XmlElement): readonly XmlElement[] {
  return capabilities.children('guest').filter((guest) => guest.first('os_type')?.text() === 'hvm');
}

function archOf(capabilities: XmlElement, name: Arch): XmlElement | undefined {
  return hvmGuests(capabilities)
    .flatMap((guest) => guest.children('arch'))
    .find((one) => one.attribute('name') === name);
}

/** An alias such as q35 stands beside what it stands for. */
function machinesOf(arch: XmlElement): readonly (readonly [string, number | undefined])[] {
  return machineElements(arch).flatMap((machine) => {
    const most = machine.attribute('maxCpus');
    const maxCpus = most === undefined ? undefined : Number(most);
    const names = [machine.text(), machine.attribute('canonical') ?? ''];
    return names.filter((name) => name !== '').map((name) => [name, maxCpus] as const);
  });
}

/** `selinux`, `apparmor`, `dac`: what keeps QEMU within bounds. From the capabilities document. */
export function readSecurityModels(capabilitiesDocument: string): readonly string[] {
  const models = parseXml(capabilitiesDocument).all('host', 'secmodel', 'model');
  return models.map((model) => model.text());
}
