import type {
  BootDisk,
  BridgedInterface,
  Provisioning,
  DataDisk,
  LoadedMachine,
  Machine,
  RoutedInterface,
} from '../../src/config/machine.ts';
import { NO_EXTRAS } from '../../src/config/machine/extras.ts';
import { readDeclared } from '../../src/libvirt-xml/metadata/declared.ts';
import type { Declared } from '../../src/libvirt-xml/metadata/declared.ts';
import { toStored } from '../../src/libvirt-xml/metadata/stored-vm.ts';

/** Marks the one secret of a machine, so that a test can look for it where it must not be. */
export const SECRET = 'canaryHashThatNobodyMayRead';

export const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation';

export function networkInterface(changes: Partial<BridgedInterface> = {}): BridgedInterface {
  return {
    mode: 'bridge',
    address: '10.20.30.40',
    prefixLength: 24,
    gateway: '10.20.30.1',
    gatewayInSubnet: true,
    dnsServers: [],
    bridge: 'br0',
    defaultRoute: true,
    mac: 'be:ef:0a:14:1e:28',
    mtu: undefined,
    vlan: undefined,
    bootsFromNetwork: false,
    ...changes,
  };
}

/** As `mode: ethernet` gives it. */
export function routedInterface(changes: Partial<RoutedInterface> = {}): RoutedInterface {
  return {
    mode: 'ethernet',
    address: '10.55.22.22',
    prefixLength: 32,
    gateway: '169.254.0.1',
    gatewayInSubnet: false,
    dnsServers: [],
    tap: 'vm0a371616',
    defaultRoute: true,
    mac: 'be:ef:0a:37:16:16',
    mtu: undefined,
    bootsFromNetwork: false,
    ...changes,
  };
}

export function cloudInit(changes: Partial<Provisioning> = {}): Provisioning {
  return {
    section: 'cloud_init',
    format: 'cloud-init',
    fqdn: undefined,
    hostname: 'my-vm',
    sshKeys: [],
    loginUser: undefined,
    rootPasswordHash: undefined,
    sshPasswordAuth: false,
    users: [],
    packages: [],
    writeFiles: [],
    runCommands: [],
    timezone: undefined,
    consoleAutologin: false,
    userData: undefined,
    sshHostKeys: true,
    bus: 'scsi',
    ignition: { network: undefined, config: undefined, fwCfgName: 'opt/com.coreos/config' },
    ...changes,
  };
}

/** On an image, in the usual way. */
export function bootDisk(changes: Partial<BootDisk> = {}): BootDisk {
  return {
    sizeGib: 10,
    image: '/images/base.qcow2',
    imageFormat: undefined,
    format: 'qcow2',
    cache: 'none',
    discard: 'ignore',
    ...changes,
  };
}

export function dataDisk(device: string, sizeGib: number): DataDisk {
  return { device, sizeGib, cache: 'none', discard: 'ignore' };
}

/** The least there can be: one disk, one interface, no seed. */
export function minimalMachine(changes: Partial<Machine> = {}): Machine {
  return {
    name: 'my-vm',
    vcpus: 1,
    memoryMib: 1024,
    bootDisk: bootDisk({ sizeGib: 10 }),
    dataDisks: [],
    interfaces: [networkInterface()],
    provisioning: undefined,
    vnc: undefined,
    cpuMode: 'host-model',
    layout: undefined,
    autostart: false,
    onCrash: 'destroy',
    lifetimeMinutes: undefined,
    firmware: 'bios',
    virtType: undefined,
    arch: undefined,
    machineType: 'q35',
    description: undefined,
    tags: [],
    fleet: undefined,
    group: undefined,
    ...NO_EXTRAS,
    ...changes,
  };
}

/** One of everything, two of what there can be two of. */
export function fullMachine(changes: Partial<Machine> = {}): Machine {
  return {
    name: 'my-vm',
    vcpus: 4,
    memoryMib: 8192,
    bootDisk: bootDisk({ sizeGib: 50 }),
    dataDisks: [dataDisk('vdb', 100), dataDisk('vdc', 200)],
    interfaces: [
      networkInterface({ dnsServers: ['8.8.8.8', '1.1.1.1'] }),
      networkInterface({
        address: '192.168.1.50',
        gateway: '192.168.1.1',
        dnsServers: ['192.168.1.1'],
        bridge: 'br1',
        defaultRoute: false,
        mac: 'be:ef:c0:a8:01:32',
      }),
    ],
    provisioning: cloudInit({
      fqdn: 'my-vm.example.com',
      sshKeys: [ED25519, `${ED25519}2 with more words`],
      rootPasswordHash: `$6$saltsalt$${SECRET}`,
      sshPasswordAuth: true,
    }),
    vnc: undefined,
    cpuMode: 'host-model',
    layout: undefined,
    autostart: true,
    onCrash: 'destroy',
    lifetimeMinutes: undefined,
    firmware: 'uefi',
    virtType: undefined,
    arch: undefined,
    machineType: 'q35',
    description: undefined,
    tags: [],
    fleet: undefined,
    group: undefined,
    ...NO_EXTRAS,
    ...changes,
  };
}

/** As from a file in which every key has the line 1. */
export function loaded(machine: Machine): LoadedMachine {
  return {
    machine,
    warnings: [],
    mistake: (path, message) => ({ file: 'vm.yaml', line: 1, column: 1, key: path.join('.'), message }),
    locate: (path) => `vm.yaml:1:1: ${path.join('.')}`,
  };
}

/** What a machine's metadata declares once it is read back. */
export function declaredOf(machine: Machine): Declared {
  const declared = readDeclared(JSON.parse(JSON.stringify(toStored(machine))));
  if (declared === undefined) throw new Error('what plow stores cannot be read');
  return declared;
}
