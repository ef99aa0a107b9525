import { IMAGES, vm } from '../../integration/vms.ts';
import { OFF, plow } from './verb.ts';
import type { Verb } from './verb.ts';

const WITH_DISK = vm({ data_disks: [{ device: 'vdb', size_gb: 1 }] });

const ISO = `${IMAGES}/one.iso`;
const WITH_DRIVE = vm({ cdrom: {} });
/** An ISO is one by its sixteenth sector. */
const MAKE_ISO = `[ -e ${ISO} ] || { truncate -s 64K ${ISO}; printf '\\001CD001' | dd of=${ISO} bs=1 seek=32768 conv=notrunc status=none; }`;

/** What a VM has. */
export const DEVICES: readonly Verb[] = [
  {
    argv: ['resize', '--disk', 'vdb=3', '--vcpus', '2', '--memory', '2', 'web'],
    prepare: '',
    anew: true,
    config: WITH_DISK,
    changes: [
      'virDomainBlockResize',
      'virDomainSetVcpusFlags',
      'virDomainSetMemoryFlags',
      'virDomainSetMetadata',
    ],
    halfDone: /done is .*; the same command does the rest/u,
    shows: 'virsh domblkinfo web vdb | grep Capacity',
  },
  {
    argv: ['resize', '--disk', 'vdb=3', 'web'],
    prepare: OFF,
    anew: true,
    config: WITH_DISK,
    changes: [
      'virStoragePoolCreateXML',
      'virStorageVolResize',
      'virStoragePoolDestroy',
      'virDomainSetMetadata',
    ],
    halfDone: /done is disk vdb of 3 GiB; the same command does the rest/u,
    shows: `qemu-img info ${IMAGES}/web/data-vdb.qcow2 | grep virtual`,
  },
  {
    argv: ['attach', 'disk', 'web', '--size', '1', '--target', 'vdb'],
    prepare: '',
    anew: true,
    changes: [
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolCreateXML',
      'virDomainSetMetadata',
      'virDomainAttachDeviceFlags',
    ],
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['attach', 'nic', 'web', '--bridge', 'br0', '--ip', '10.77.0.9/24', '--gateway', '10.77.0.1'],
    prepare: '',
    anew: true,
    changes: ['virDomainAttachDeviceFlags', 'virDomainSetMetadata'],
    shows: 'virsh -q domiflist --inactive web',
  },
  {
    argv: ['detach', 'nic', 'web', '10.77.0.50'],
    prepare: OFF,
    anew: true,
    changes: ['virDomainDetachDeviceFlags', 'virDomainSetMetadata'],
    halfDone: /cannot change VM 'web'/u,
    shows: 'virsh -q domiflist --inactive web',
  },
  {
    argv: ['detach', 'disk', 'web', 'vdb'],
    prepare: OFF,
    anew: true,
    config: WITH_DISK,
    changes: ['virDomainDetachDeviceFlags', 'virDomainSetMetadata'],
    halfDone: /cannot change VM 'web'/u,
    // The file of a disk that was detached is no part of the VM any more.
    restore: `${plow('destroy --force web')} || true; cd ${IMAGES}; [ ! -e web ] || { rm web/data-vdb.qcow2; rmdir web; }`,
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['media', 'insert', 'web', ISO],
    prepare: MAKE_ISO,
    anew: true,
    config: WITH_DRIVE,
    changes: ['virDomainUpdateDeviceFlags', 'virDomainSetMetadata'],
    restore: `rm -f ${ISO}`,
    shows: 'virsh -q domblklist web',
  },
];
