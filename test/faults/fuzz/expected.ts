import type { HostKeys } from '../../../src/provision/host-keys/open-ssh.ts';
import type { Provisioning, Machine, NetworkInterface } from '../../../src/config/machine.ts';
import type { Layout } from '../../../src/config/machine/layout.ts';
import type { Vnc } from '../../../src/config/machine/vnc.ts';

/** What the documents of a seed must say, key by key, and nothing else. */
export function expectedSeed(
  machine: Machine,
  provisioning: Provisioning,
  hostKeys: HostKeys | undefined,
): Readonly<Record<string, unknown>> {
  return {
    'user-data': { ...userData(provisioning), ...ownKeys(hostKeys) },
    'meta-data': { 'instance-id': `${machine.name}-1767323045`, 'local-hostname': provisioning.hostname },
    'network-config': { version: 2, ethernets: Object.fromEntries(machine.interfaces.map(ethernet)) },
  };
}

const AUTOLOGIN_FILE = {
  path: '/etc/systemd/system/serial-getty@.service.d/plow-autologin.conf',
  content: `# Made by plow: whoever can open the console is root.
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200,57600,38400,9600 - $TERM
`,
  owner: 'root:root',
  permissions: '0644',
};
const AUTOLOGIN_COMMANDS = ['systemctl daemon-reload', "systemctl try-restart 'serial-getty@*.service'"];

function userData(guest: Provisioning): object {
  const { hostname, fqdn, rootPasswordHash, sshPasswordAuth } = guest;
  return withoutAbsent({
    hostname,
    fqdn,
    manage_etc_hosts: fqdn && 'localhost',
    disable_root: false,
    users: [
      withoutAbsent({
        name: 'root',
        lock_passwd: rootPasswordHash === undefined,
        ssh_authorized_keys: some(guest.sshKeys),
      }),
      ...guest.users.map(({ name, groups, sudo, shell, sshKeys }) =>
        withoutAbsent({
          name,
          groups: some(groups),
          sudo,
          shell,
          lock_passwd: true,
          ssh_authorized_keys: some(sshKeys),
        }),
      ),
    ],
    chpasswd: rootPasswordHash && {
      users: [{ name: 'root', password: rootPasswordHash, type: 'hash' }],
      expire: false,
    },
    ssh_pwauth: sshPasswordAuth,
    timezone: guest.timezone,
    packages: some(guest.packages),
    write_files: some([
      ...(guest.consoleAutologin ? [AUTOLOGIN_FILE] : []),
      ...guest.writeFiles.map((file) => ({
        ...file,
        ...(/^root(?::root)?$/u.test(file.owner) ? {} : { defer: true }),
      })),
    ]),
    runcmd: some([...(guest.consoleAutologin ? AUTOLOGIN_COMMANDS : []), ...guest.runCommands]),
  });
}

function ownKeys(keys: HostKeys | undefined): object {
  if (keys === undefined) return {};
  const { ed25519, ecdsa } = keys;
  return {
    ssh_deletekeys: true,
    ssh_keys: {
      ed25519_private: ed25519.privateKey,
      ed25519_public: `${ed25519.publicKey} made-by-plow`,
      ecdsa_private: ecdsa.privateKey,
      ecdsa_public: `${ecdsa.publicKey} made-by-plow`,
    },
  };
}

function some(list: readonly unknown[]): readonly unknown[] | undefined {
  return list.length === 0 ? undefined : list;
}

function ethernet(one: NetworkInterface, index: number): readonly [string, unknown] {
  const route = withoutAbsent({
    to: '0.0.0.0/0',
    via: one.gateway,
    'on-link': one.gatewayInSubnet ? undefined : true,
  });
  const document = withoutAbsent({
    match: { macaddress: one.mac },
    'set-name': `eth${index}`,
    mtu: one.mtu,
    addresses: [`${one.address}/${one.prefixLength}`],
    routes: one.defaultRoute ? [route] : undefined,
    nameservers: one.dnsServers.length === 0 ? undefined : { addresses: one.dnsServers },
  });
  return [`eth${index}`, document];
}

function withoutAbsent(map: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

/**
 * A machine with the same parts and none of the text: its documents show what may be in those of the other.
 */
export function plainTwin(machine: Machine): Machine {
  return {
    ...machine,
    name: 'vm',
    vcpus: 1,
    memoryMib: 1024,
    layout: machine.layout && plainLayout(machine.layout, machine.vcpus),
    bootDisk: { ...machine.bootDisk, sizeGib: 1, image: machine.bootDisk.image && '/img/a' },
    dataDisks: machine.dataDisks.map((disk) => ({ ...disk, device: 'vdb', sizeGib: 1 })),
    interfaces: machine.interfaces.map(plainInterface),
    cdrom: machine.cdrom && { ...machine.cdrom, image: machine.cdrom.image && '/iso/a' },
    vnc: machine.vnc && plainScreen(machine.vnc),
    description: machine.description && 'text',
    tags: [],
    fleet: machine.fleet && 'text',
    group: machine.group && 'text',
    machineType: 'q35',
    fwCfg: machine.fwCfg.map(() => ({ name: 'opt/a', file: '/a' })),
    shares: machine.shares.map((share) => ({ ...share, source: '/share/a', tag: 'a' })),
    watchdog: machine.watchdog && { model: 'i6300esb', action: 'reset' },
    provisioning: machine.provisioning && {
      ...machine.provisioning,
      fqdn: undefined,
      hostname: 'vm',
      loginUser: undefined,
      ignition: { ...machine.provisioning.ignition, fwCfgName: 'opt/a' },
      sshKeys: [],
      rootPasswordHash: undefined,
      sshPasswordAuth: false,
    },
  };
}

/** Whether there is room for more virtual CPUs shows in an attribute, where they are in the number alone. */
function plainLayout(layout: Layout, vcpus: number): Layout {
  const { vcpusMax } = layout;
  return {
    ...layout,
    vcpusMax: vcpusMax && (vcpusMax === vcpus ? 1 : 2),
    memoryMaxMib: layout.memoryMaxMib && 1024,
    cpuModel: layout.cpuModel && 'EPYC',
    pins: layout.pins.map(() => ({ vcpu: 0, cpus: [0] })),
    emulatorCpus: layout.emulatorCpus && [0],
    cells: layout.cells.map(({ hostNode }) => ({ cpus: [0], memoryMib: 1, hostNode: hostNode && 1 })),
  };
}

/** Whether there is an address shows in elements. */
function plainScreen(vnc: Vnc): Vnc {
  const isAddress = vnc.listen !== undefined && vnc.listen.includes('.');
  return { ...vnc, listen: isAddress ? '127.0.0.1' : vnc.listen, port: vnc.port && 5900, video: 'virtio' };
}

function plainInterface(one: NetworkInterface): NetworkInterface {
  const any = {
    mtu: one.mtu && 1500,
    address: '10.0.0.2',
    dnsServers: [],
    defaultRoute: true,
    bootsFromNetwork: one.bootsFromNetwork,
    mac: 'be:ef:0a:00:00:02',
  };
  if (one.mode === 'ethernet')
    return { ...any, ...ON_LINK, mode: 'ethernet', gateway: '169.254.0.1', tap: 'vm0a000002' };
  const vlan = one.vlan && 1;
  return { ...any, ...IN_SUBNET, mode: 'bridge', gateway: '10.0.0.1', bridge: 'br0', vlan };
}

const ON_LINK = { prefixLength: 32, gatewayInSubnet: false };
const IN_SUBNET = { prefixLength: 24, gatewayInSubnet: true };
