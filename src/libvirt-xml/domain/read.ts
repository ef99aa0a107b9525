import type { FwCfgFile } from '../../config/machine/extras.ts';
import { endOf } from '../metadata/end.ts';
import { moveOf } from '../metadata/move.ts';
import type { MoveMark } from '../metadata/move.ts';
import { rebuildOf } from '../metadata/rebuild.ts';
import type { Rebuild } from '../metadata/rebuild.ts';
import type { End } from '../metadata/end.ts';
import { isProtected } from '../metadata/guard.ts';
import type { XmlElement } from '../read/parse.ts';
import { readConsoles } from './devices/console.ts';
import type { ConsoleFacts } from './devices/console.ts';
import { readDisk } from './devices/disk.ts';
import type { DiskFacts } from './devices/disk.ts';
import { readAgent } from './devices/guest-agent.ts';
import type { AgentFacts } from './devices/guest-agent.ts';
import { readInterface } from './devices/interface.ts';
import { inKib } from './layout/amounts.ts';
import { readLayout } from './layout/read.ts';
import type { LayoutFacts } from './layout/read.ts';
import type { InterfaceFacts } from './devices/interface.ts';
import { readBareVideo, readVnc } from './devices/vnc.ts';
import type { VncFacts } from './devices/vnc.ts';
import { readExtras, readIgnitionFile } from './extras/read.ts';
import type { ExtraFacts } from './extras/read.ts';

/**
 * What a domain document says, as far as list, show and export look. https://libvirt.org/formatdomain.html
 */
export interface DomainFacts {
  readonly name: string;
  readonly uuid: string;
  /** `kvm`, `qemu`... */
  readonly type: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Those that are plugged in at the start. */
  readonly vcpus: number;
  /** The most that can be plugged in while it runs. */
  readonly maximumVcpus: number;
  /** The most that the guest can have. */
  readonly memoryKib: number;
  /** What the balloon leaves it. */
  readonly currentMemoryKib: number;
  /** `host-model`, `host-passthrough`, `custom`...; undefined: QEMU's default. */
  readonly cpuMode: string | undefined;
  readonly layout: LayoutFacts;
  /** `x86_64`, `aarch64`... */
  readonly arch: string | undefined;
  readonly machineType: string | undefined;
  /** `destroy`, `restart`...: what becomes of it when its guest crashes. */
  readonly onCrash: string;
  readonly firmware: 'uefi' | 'bios';
  /** Undefined where libvirt chooses, and without UEFI. */
  readonly loader: string | undefined;
  readonly nvram: string | undefined;
  /** What `<os>` has the firmware try, as libvirt calls it: `hd`, `cdrom`, `network`, `fd`. */
  readonly bootKinds: readonly string[];
  readonly disks: readonly DiskFacts[];
  readonly interfaces: readonly InterfaceFacts[];
  /** Of the guest agent's channel. */
  readonly agent: AgentFacts;
  readonly consoles: readonly ConsoleFacts[];
  /** Undefined: it has no screen over VNC. */
  readonly vnc: VncFacts | undefined;
  /** Model of its first video card, where it has no screen of any kind. */
  readonly bareVideo: string | undefined;
  readonly extras: ExtraFacts;
  /** The config that Ignition reads, which is not among the files of `extras`. */
  readonly ignition: FwCfgFile | undefined;
  /** plow refuses whatever loses data of it. */
  readonly isProtected: boolean;
  readonly end: End;
  /** Of one that is on its way to another hypervisor, or comes from one. */
  readonly move: MoveMark | undefined;
  /** Of one that has, or is to have, a second boot disk. */
  readonly rebuild: Rebuild | undefined;
}

export function readDomain(domain: XmlElement): DomainFacts {
  const os = domain.first('os');
  const loader = os?.first('loader');
  const devices = domain.first('devices');
  const memoryKib = kibOf(domain.first('memory'));
  const vcpu = domain.first('vcpu');
  const extras = readExtras(domain);
  return {
    name: textOf(domain.first('name')) ?? '',
    uuid: textOf(domain.first('uuid')) ?? '',
    type: domain.attribute('type') ?? '',
    title: textOf(domain.first('title')),
    description: textOf(domain.first('description')),
    vcpus: Number(vcpu?.attribute('current') ?? textOf(vcpu) ?? '1'),
    maximumVcpus: Number(textOf(vcpu) ?? '1'),
    memoryKib,
    currentMemoryKib: domain.first('currentMemory') ? kibOf(domain.first('currentMemory')) : memoryKib,
    cpuMode: domain.first('cpu')?.attribute('mode'),
    layout: readLayout(domain),
    arch: os?.first('type')?.attribute('arch'),
    machineType: os?.first('type')?.attribute('machine'),
    // https://libvirt.org/formatdomain.html#events-configuration
    onCrash: textOf(domain.first('on_crash')) ?? 'destroy',
    firmware: os?.attribute('firmware') === 'efi' || loader?.attribute('type') === 'pflash' ? 'uefi' : 'bios',
    loader: textOf(loader),
    nvram: os?.first('nvram', 'source')?.attribute('file') ?? textOf(os?.first('nvram')),
    bootKinds: (os?.children('boot') ?? []).flatMap((one) => one.attribute('dev') ?? []),
    disks: (devices?.children('disk') ?? []).map(readDisk),
    interfaces: (devices?.children('interface') ?? []).map(readInterface),
    agent: readAgent(devices),
    consoles: readConsoles(devices),
    vnc: readVnc(devices),
    bareVideo: readBareVideo(devices),
    extras,
    ignition: readIgnitionFile(domain),
    isProtected: isProtected(domain),
    end: endOf(domain),
    move: moveOf(domain),
    rebuild: rebuildOf(domain),
  };
}

function textOf(element: XmlElement | undefined): string | undefined {
  const text = element?.text().trim();
  return text === '' ? undefined : text;
}

function kibOf(element: XmlElement | undefined): number {
  return inKib(textOf(element), element?.attribute('unit'));
}

/** Whether a domain runs: while it does libvirt gives it a number. */
export function hasDomainId(domain: XmlElement): boolean {
  return domain.attribute('id') !== undefined;
}
