import { expect, it } from 'vitest';
import { loadMachine } from '../../../../src/config/vm-file/load.ts';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { asDeclared } from '../../../../src/config/settle.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { metadataWithoutNamespace } from '../../../../src/libvirt-xml/metadata/write.ts';

const HEAD = {
  status: 'ready',
  uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
  version: '0.1.0',
  createdAt: new Date(0),
  directory: '/images/web',
} as const;

/**
 * A value that stands nowhere else, under every key of a VM file that a text can have, or in a list there.
 */
const CANARY = 'canary';

function canaries(value: unknown): unknown {
  if (typeof value === 'string') return `${CANARY}${value}`;
  if (Array.isArray(value)) return value.map(canaries);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, canaries(one)]));
}

const { machine } = loadMachine(
  'web.yaml',
  `name: web
description: d
arch: x86_64
tags: [t]
fleet: f
group: g
vcpus: 2
memory_gib: 1
boot_disk: { image: /images/base.qcow2, size_gb: 10 }
data_disks: [{ device: vdb, size_gb: 1 }]
network_interfaces:
  - { ip: 10.0.0.2/24, gateway: 10.0.0.1, dns_servers: [1.1.1.1], bridge: br0, mtu: 1400 }
cloud_init:
  fqdn: web.example.org
  ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation]
  root_password_hash: $6$saltsalt$${'x'.repeat(86)}
  users: [{ name: me, groups: [g], sudo: 'ALL=(ALL) ALL', shell: /bin/sh }]
  packages: [htop]
  write_files: [{ path: /etc/secret, content: token, owner: root, permissions: '0600' }]
  runcmd: [echo hello]
  timezone: Europe/Berlin
`,
  { virtType: 'qemu' },
);

const KIND = { arch: 'x86_64', virtType: 'qemu' } as const;
const HOST_KEYS = ['ssh-ed25519 AAAA', 'ecdsa-sha2-nistp256 AAAA'];

/**
 * What may be in the document of a domain, in its metadata: whoever adds a key here publishes it to every
 * reader of libvirt's.
 */
const PUBLIC = {
  version: 1,
  name: 'web',
  vcpus: 2,
  memoryMib: 1024,
  bootDisk: {
    sizeGib: 10,
    image: '/images/base.qcow2',
    format: 'qcow2',
    cache: 'none',
    discard: 'ignore',
  },
  dataDisks: [{ device: 'vdb', sizeGib: 1, cache: 'none', discard: 'ignore' }],
  interfaces: [
    {
      address: '10.0.0.2',
      prefixLength: 24,
      gateway: '10.0.0.1',
      gatewayInSubnet: true,
      dnsServers: ['1.1.1.1'],
      bridge: 'br0',
      defaultRoute: true,
      mac: 'be:ef:0a:00:00:02',
      mtu: 1400,
    },
  ],
  cloudInit: {
    fqdn: 'web.example.org',
    hostname: 'web',
    sshPasswordAuth: false,
    bus: 'scsi',
    sshUser: 'root',
    sshHostKeys: ['ssh-ed25519 AAAA', 'ecdsa-sha2-nistp256 AAAA'],
  },
  cpuMode: 'host-model',
  autostart: true,
  firmware: 'uefi',
  virtType: 'qemu',
  arch: 'x86_64',
  machineType: 'q35',
  description: 'd',
  tags: ['t'],
  fleet: 'f',
  group: 'g',
};

it('is all of a VM file that the metadata has', () => {
  const element = metadataWithoutNamespace(newMetadata(asDeclared(machine, KIND), HEAD, HOST_KEYS));
  const json = element.slice(element.indexOf('>') + 1, element.lastIndexOf('<'));
  expect(JSON.parse(json)).toStrictEqual(PUBLIC);
});

it('lets nothing else out, into the metadata or elsewhere in the document, whatever key is added to a machine', () => {
  const marked = canaries({ ...machine.provisioning, later: { key: 'k' } });
  const later = {
    screen: { password: `${CANARY}1` },
    ignition: [`${CANARY}2`],
    firmwareConfig: `${CANARY}3`,
  };
  const odd = {
    ...machine,
    ...later,
    bootDisk: { ...machine.bootDisk, ...later },
    interfaces: machine.interfaces.map((one) => ({ ...one, ...later })),
    // These are public, as is the name of whoever logs in.
    provisioning: Object.assign(marked as object, {
      section: 'cloud_init',
      format: 'cloud-init',
      loginUser: undefined,
      fqdn: 'f',
      hostname: 'h',
      sshPasswordAuth: true,
      bus: 'scsi',
    }),
  } as unknown as typeof machine;
  const metadata = newMetadata(odd, HEAD);
  const document = domainXml(odd, { ...KIND, backingFormat: 'qcow2', metadata });
  expect(JSON.stringify(odd).split(CANARY).length).toBeGreaterThan(20);
  expect(document + metadataWithoutNamespace(metadata)).not.toContain(CANARY);
});
