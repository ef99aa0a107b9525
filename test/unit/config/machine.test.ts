import { describe, expect, it } from 'vitest';

import { loadMachine } from '../../../src/config/vm-file/load.ts';
import { NO_EXTRAS } from '../../../src/config/machine/extras.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { changed, ED25519, SMALLEST } from './sample.ts';

const HASH = `$6$saltsalt$${'a'.repeat(86)}`;

const TUNING = { cache: 'none', discard: 'ignore' } as const;
const UNSAID = {
  arch: undefined,
  machineType: undefined,
  description: undefined,
  tags: [],
  fleet: undefined,
  group: undefined,
  layout: undefined,
  vnc: undefined,
  ...NO_EXTRAS,
};
const UNSAID_OF_GUEST = {
  users: [],
  packages: [],
  writeFiles: [],
  runCommands: [],
  timezone: undefined,
  userData: undefined,
  sshHostKeys: true,
  bus: 'scsi',
};

function machineOf(text: string): Machine {
  return loadMachine('vm.yaml', text, { virtType: undefined }).machine;
}

/** What `cloud_init` says by its name, and what only `provisioning` can. */
const OF_CLOUD_INIT = {
  section: 'cloud_init',
  format: 'cloud-init',
  loginUser: undefined,
  consoleAutologin: false,
  ignition: { network: undefined, config: undefined, fwCfgName: 'opt/com.coreos/config' },
};

describe('a file without mistakes', () => {
  it('gets every default that it does not say', () => {
    expect(machineOf(SMALLEST)).toStrictEqual({
      name: 'my-vm',
      vcpus: 2,
      memoryMib: 4096,
      bootDisk: { sizeGib: 10, image: '/img/a.qcow2', imageFormat: undefined, format: 'qcow2', ...TUNING },
      dataDisks: [],
      interfaces: [
        {
          mode: 'bridge',
          vlan: undefined,
          bootsFromNetwork: false,
          address: '10.0.0.2',
          prefixLength: 24,
          gateway: '10.0.0.1',
          gatewayInSubnet: true,
          dnsServers: [],
          bridge: 'br0',
          defaultRoute: true,
          mac: 'be:ef:0a:00:00:02',
          mtu: undefined,
        },
      ],
      provisioning: undefined,
      cpuMode: undefined,
      onCrash: 'destroy',
      autostart: true,
      lifetimeMinutes: undefined,
      firmware: 'uefi',
      virtType: undefined,
      ...UNSAID,
    });
  });

  it('keeps every value that it says', () => {
    const text = `
name: My-VM
vcpus: 4096
memory_gib: 1
boot_disk: { size_gb: 2097152, empty: true, format: raw }
data_disks: [{ device: vdz, size_gb: 1 }, { device: vdb, size_gb: 2 }]
network_interfaces:
  - { ip: 10.0.0.2/32, gateway: 172.16.0.1, bridge: br-lan_0.1, dns_servers: [8.8.8.8, 127.0.0.53] }
  - { ip: 192.168.1.50/31, gateway: 192.168.1.51, bridge: br1, default_route: true }
cloud_init:
  fqdn: Host.Example.COM
  ssh_keys: ["  ${ED25519} "]
  root_password_hash: ${HASH}
  ssh_pwauth: true
cpu_mode: host-passthrough
on_crash: restart
autostart: false
expires: 36h
firmware: bios
virt_type: qemu
`;
    expect(machineOf(text)).toStrictEqual({
      name: 'my-vm',
      vcpus: 4096,
      memoryMib: 1024,
      bootDisk: { sizeGib: 2_097_152, image: undefined, imageFormat: undefined, format: 'raw', ...TUNING },
      dataDisks: [
        { device: 'vdz', sizeGib: 1, ...TUNING },
        { device: 'vdb', sizeGib: 2, ...TUNING },
      ],
      interfaces: [
        {
          mode: 'bridge',
          vlan: undefined,
          bootsFromNetwork: false,
          address: '10.0.0.2',
          prefixLength: 32,
          gateway: '172.16.0.1',
          gatewayInSubnet: false,
          dnsServers: ['8.8.8.8', '127.0.0.53'],
          bridge: 'br-lan_0.1',
          defaultRoute: false,
          mac: 'be:ef:0a:00:00:02',
          mtu: undefined,
        },
        {
          mode: 'bridge',
          vlan: undefined,
          bootsFromNetwork: false,
          address: '192.168.1.50',
          prefixLength: 31,
          gateway: '192.168.1.51',
          gatewayInSubnet: true,
          dnsServers: [],
          bridge: 'br1',
          defaultRoute: true,
          mac: 'be:ef:c0:a8:01:32',
          mtu: undefined,
        },
      ],
      provisioning: {
        ...OF_CLOUD_INIT,
        fqdn: 'host.example.com',
        hostname: 'host',
        sshKeys: [ED25519],
        rootPasswordHash: HASH,
        sshPasswordAuth: true,
        ...UNSAID_OF_GUEST,
      },
      cpuMode: 'host-passthrough',
      onCrash: 'restart',
      autostart: false,
      lifetimeMinutes: 2160,
      firmware: 'bios',
      virtType: 'qemu',
      ...UNSAID,
    });
  });

  it('gives the same machine every time', () => {
    expect(machineOf(SMALLEST)).toStrictEqual(machineOf(SMALLEST));
  });

  it('takes the name of the VM as host name when there is no fqdn', () => {
    expect(machineOf(`${SMALLEST}cloud_init: {}\n`).provisioning).toStrictEqual({
      ...OF_CLOUD_INIT,
      fqdn: undefined,
      hostname: 'my-vm',
      sshKeys: [],
      rootPasswordHash: undefined,
      sshPasswordAuth: false,
      ...UNSAID_OF_GUEST,
    });
  });

  it.each([
    ['the file says nothing', '', 'kvm'],
    ['the file says otherwise', 'virt_type: qemu\n', 'qemu'],
  ] as const)('has the virtualisation type that is the default, if %s: %s%s', (_, line, virtType) => {
    const { machine } = loadMachine('vm.yaml', SMALLEST + line, { virtType: 'kvm' });
    expect(machine.virtType).toBe(virtType);
  });
});

describe('the default route', () => {
  it.each([
    [
      ['', ''],
      [true, false],
    ],
    [
      ['false', ''],
      [false, false],
    ],
    [
      ['', 'true'],
      [false, true],
    ],
    [
      ['', 'false'],
      [true, false],
    ],
    [
      ['true', ''],
      [true, false],
    ],
    [
      ['false', 'true'],
      [false, true],
    ],
  ])('where the interfaces say %j is %j', (said, routes) => {
    const entries = said.map((word, index) => {
      const route = word === '' ? '' : `, default_route: ${word}`;
      return `\n  - { ip: 10.0.${index}.2/24, gateway: 10.0.${index}.1, bridge: br${index}${route} }`;
    });
    const text = `${SMALLEST.slice(0, SMALLEST.indexOf('network_interfaces'))}network_interfaces:${entries.join('')}\n`;
    expect(machineOf(text).interfaces.map(({ defaultRoute }) => defaultRoute)).toStrictEqual(routes);
  });
});

describe('an ssh key', () => {
  it.each([
    [
      'rsa',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7vbqajDw4o6gJy8UtmIbkcpnkO3Kwc4qsEnSZp/TR+fQi62F79RHWmwKOtFmwteURgLbj7D/WGuNLGOfa/2vr',
    ],
    ['ed25519', ED25519],
    ['ed25519 without a comment', ED25519.slice(0, ED25519.lastIndexOf(' '))],
    [
      'nistp256',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBlAzbwKTR6mvx+s9E+8adVFSsdyVHlO0wkSpYWjC2nEp3eGN9Q1tM3ibZpDupA1JRvxKH36l6XQvCd+jhf6i9c=',
    ],
    [
      'a security key',
      'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAAABHNzaDo= token',
    ],
  ])('may be %s', (_, key) => {
    expect(
      machineOf(`${SMALLEST}cloud_init:\n  ssh_keys:\n    - ${key}\n`).provisioning?.sshKeys,
    ).toStrictEqual([key]);
  });
});

describe('a password hash', () => {
  it.each([
    '$1$saltsalt$4px9i58NU2Z2/vZOUlGjq.',
    '$5$rounds=5000$saltsalt$hcyDOxdIg0p3xyqtpHh/v8Ph.am06tQaovp1KpEklb7',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$6foLM1JhGupouWKMU70wxK61Kw9ZnecbACjJwRadqM2',
    '$2b$05$abcdefghijklmnopqrstuuhKF09ZYWwH2zP/0fwE1X8e/Q1YNx/hO',
  ])('may be %s', (hash) => {
    const { machine, warnings } = loadMachine(
      'vm.yaml',
      `${SMALLEST}cloud_init: {root_password_hash: ${hash}}\n`,
      {
        virtType: undefined,
      },
    );
    expect(machine.provisioning?.rootPasswordHash).toBe(hash);
    expect(warnings).toStrictEqual([]);
  });
});

describe('what is odd but allowed', () => {
  it.each([
    [
      'a gateway outside the subnet',
      changed('10.0.0.2/24', '10.0.1.2/24'),
      'vm.yaml:9:14: network_interfaces[0].gateway: 10.0.0.1 is outside 10.0.1.2/24; it will be used as an on-link gateway',
    ],
    [
      'a host name with an underscore',
      `${changed('my-vm', 'my_vm')}cloud_init: {}\n`,
      'vm.yaml:1:7: name: a host name cannot have an underscore; give the guest one with cloud_init.fqdn',
    ],
    [
      'a password hash that is too short',
      `${SMALLEST}cloud_init: {root_password_hash: $6$salt$short}\n`,
      'vm.yaml:11:34: cloud_init.root_password_hash: the hash looks cut off or changed: a $6$ hash ends in 86 characters, this one in 5',
    ],
  ])('%s is a warning', (_, text, warning) => {
    expect(loadMachine('vm.yaml', text, { virtType: undefined }).warnings).toStrictEqual([warning]);
  });

  it.each([
    ['a gateway outside a /32', changed('10.0.0.2/24', '10.0.1.2/32')],
    ['an underscore with an fqdn beside it', `${changed('my-vm', 'my_vm')}cloud_init: {fqdn: a.b}\n`],
    ['an underscore in a VM without cloud-init', changed('my-vm', 'my_vm')],
  ])('%s is none', (_, text) => {
    expect(loadMachine('vm.yaml', text, { virtType: undefined }).warnings).toStrictEqual([]);
  });
});
