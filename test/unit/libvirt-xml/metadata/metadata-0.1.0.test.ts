import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NO_EXTRAS } from '../../../../src/config/machine/extras.ts';
import { parseIfPossible } from '../../../../src/libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';

const document = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/metadata-0.1.0/${name}.xml`, import.meta.url), 'utf8');

const head = (name: string) => ({
  status: 'ready',
  version: '0.1.0',
  directory: `/var/lib/libvirt/images/${name}`,
});

/**
 * Documents as libvirt 9.0 gives them of VMs that plow 0.1.0 made: every later plow reads all that they say.
 */
describe('metadata of plow 0.1.0', () => {
  it('is read whole, of a VM with every key', () => {
    expect(metadataInDomain(parseIfPossible(document('everything')))).toStrictEqual({
      ...head('everything'),
      uuid: 'cf81f1e9-a82f-4791-abfd-cc065083d5a3',
      created: '2026-11-27T00:27:19.287Z',
      declared: {
        name: 'everything',
        vcpus: 2,
        memoryKib: 786_432,
        bootDisk: {
          sizeGib: 2,
          image: '/var/lib/libvirt/images/tiny.qcow2',
          imageFormat: 'qcow2',
          format: 'qcow2',
          cache: 'none',
          discard: 'unmap',
          ioLimits: undefined,
          file: undefined,
        },
        dataDisks: [
          { device: 'vdb', sizeGib: 1, cache: 'none', discard: 'ignore', ioLimits: undefined },
          { device: 'vdc', sizeGib: 3, cache: 'writeback', discard: 'ignore', ioLimits: undefined },
        ],
        interfaces: [
          {
            mode: 'bridge',
            vlan: undefined,
            bootsFromNetwork: false,
            address: '10.77.0.50',
            prefixLength: 24,
            gateway: '10.77.0.1',
            dnsServers: ['1.1.1.1', '9.9.9.9'],
            bridge: 'br0',
            defaultRoute: true,
            mac: 'be:ef:0a:4d:00:32',
            mtu: 1400,
          },
          {
            mode: 'bridge',
            vlan: undefined,
            bootsFromNetwork: false,
            address: '10.78.0.50',
            prefixLength: 32,
            gateway: '10.78.0.1',
            dnsServers: [],
            bridge: 'br1',
            defaultRoute: false,
            mac: '52:54:00:aa:bb:cc',
            mtu: undefined,
          },
        ],
        cdrom: undefined,
        boot: undefined,
        provisioning: {
          format: 'cloud-init',
          fqdn: 'everything.example.org',
          hostname: 'everything',
          sshPasswordAuth: true,
          file: undefined,
          bus: 'scsi',
          sshUser: undefined,
          sshHostKeys: undefined,
        },
        cpuMode: 'host-model',
        onCrash: 'destroy',
        layout: undefined,
        autostart: true,
        lifetimeMinutes: undefined,
        firmware: 'uefi',
        virtType: 'qemu',
        arch: undefined,
        machineType: 'q35',
        description: `All keys, with <markup> & quotes " '`,
        tags: ['web', 'env:prod'],
        fleet: undefined,
        group: undefined,
        ...NO_EXTRAS,
        image: undefined,
        vnc: undefined,
      },
    });
  });

  it('is read of the smallest VM', () => {
    expect(metadataInDomain(parseIfPossible(document('smallest')))).toMatchObject({
      ...head('smallest'),
      declared: {
        name: 'smallest',
        bootDisk: { format: 'raw', image: undefined },
        dataDisks: [],
        provisioning: undefined,
        tags: [],
        ...NO_EXTRAS,
      },
    });
  });
});
