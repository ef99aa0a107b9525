import type { FileDefaults } from './fill-in.ts';
import { inSubnet, parseCidr, parseIpv4 } from '../values/ipv4.ts';
import { lifetimeMinutes } from '../values/lifetime.ts';
import { macFor } from '../values/mac.ts';
import { defaultRoutes } from './rules/default-routes.ts';
import { ROUTED_GATEWAY, tapFor } from '../values/tap.ts';
import type { Machine, NetworkInterface, VirtType } from '../machine.ts';
import type { FileTexts } from './referenced-files.ts';
import type { ConfigFile } from './schema/vm-file.ts';
import { toMedia } from './to/media.ts';
import { toProvisioning } from './to-provisioning.ts';
import { toLayout } from './parts/to-layout.ts';
import { toVnc } from './parts/to-vnc.ts';
import { toExtras, toIoLimits } from './parts/to-extras.ts';
import { MIB_PER_GIB } from '../../text/units.ts';

/** What the file leaves to the surroundings. */
export interface MachineDefaults {
  /** Undefined: whatever the host can do. */
  readonly virtType: VirtType | undefined;
  /** For keys that the file leaves out. */
  readonly fill?: FileDefaults | undefined;
}

/** What files leave to the surroundings, where these depend on the host that a file names. */
export interface DefaultsByHost extends MachineDefaults {
  /** @param host as the file names it @returns what is wrong with it, where something is */
  readonly at?: (host: string | undefined) => MachineDefaults | string;
}

/** A file without mistakes, as the rest of the program knows it. @param texts of the files that it names */
export function toMachine(file: ConfigFile, defaults: MachineDefaults, texts: FileTexts): Machine {
  const { boot_disk: boot } = file;
  return {
    name: file.name,
    vcpus: file.vcpus,
    memoryMib: file.memory_mib ?? (file.memory_gib ?? 0) * MIB_PER_GIB,
    bootDisk: {
      sizeGib: boot.size_gb,
      image: boot.image,
      imageFormat: boot.image_format,
      format: boot.format,
      cache: boot.cache,
      discard: boot.discard,
      ...toIoLimits(boot.io_limits),
    },
    dataDisks: file.data_disks.map(({ size_gb, io_limits, ...disk }) => ({
      ...disk,
      sizeGib: size_gb,
      ...toIoLimits(io_limits),
    })),
    interfaces: toInterfaces(file.network_interfaces),
    ...toMedia(file),
    provisioning: toProvisioning(file, texts),
    cpuMode: file.cpu?.mode ?? file.cpu_mode,
    layout: toLayout(file),
    autostart: file.autostart,
    lifetimeMinutes: file.expires === undefined ? undefined : lifetimeMinutes(file.expires),
    onCrash: file.on_crash,
    firmware: file.firmware,
    virtType: file.virt_type ?? defaults.virtType,
    arch: file.arch,
    machineType: file.machine,
    description: file.description,
    tags: file.tags,
    fleet: file.fleet,
    group: file.group,
    vnc: toVnc(file.vnc, texts),
    ...toExtras(file),
  };
}

function toInterfaces(entries: ConfigFile['network_interfaces']): readonly NetworkInterface[] {
  const routes = defaultRoutes(entries);
  return entries.map((entry, index) => toInterface(entry, routes[index] === true));
}

/** As an entry of a file that was checked says it. */
export function toInterface(
  entry: ConfigFile['network_interfaces'][number],
  defaultRoute: boolean,
): NetworkInterface {
  const { bridge, mode } = entry;
  const via = entry.gateway ?? (mode === 'ethernet' ? ROUTED_GATEWAY : undefined);
  const cidr = parseCidr(entry.ip);
  const gateway = via === undefined ? undefined : parseIpv4(via);
  if (cidr === undefined || (via !== undefined && gateway === undefined)) {
    throw new Error('the schema accepted an address that is none');
  }
  const common = {
    address: cidr.text,
    prefixLength: cidr.prefixLength,
    gateway: via,
    gatewayInSubnet: gateway === undefined || inSubnet(gateway, cidr),
    dnsServers: entry.dns_servers,
    defaultRoute,
    mac: entry.mac ?? macFor(cidr.text),
    mtu: entry.mtu,
    bootsFromNetwork: entry.boot === 'network',
  };
  if (mode === 'ethernet') return { mode: 'ethernet', ...common, tap: tapFor(cidr.text) };
  if (bridge === undefined) throw new Error('the rules accepted an interface without a bridge');
  return { mode: 'bridge', ...common, bridge, vlan: entry.vlan };
}
