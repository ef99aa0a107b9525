import { IMAGES, vm } from '../../integration/vms.ts';
import { OFF, plow, RUNNING } from './verb.ts';
import type { Verb } from './verb.ts';

const WITH_DISK = vm({ data_disks: [{ device: 'vdb', size_gb: 1 }] });

const WITH_SCREEN = vm({ vnc: { listen: '127.0.0.1', one_time_password: true } });

/** Stands in SURROUNDINGS, as `netinst` too. */
export const ISO = `${IMAGES}/one.iso`;
const WITH_DRIVE = vm({ cdrom: {} });

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
    prepare: '',
    anew: true,
    config: WITH_DRIVE,
    changes: ['virDomainUpdateDeviceFlags', 'virDomainSetMetadata'],
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['media', 'eject', 'web'],
    prepare: plow(`media insert web ${ISO}`),
    anew: true,
    config: WITH_DRIVE,
    changes: ['virDomainUpdateDeviceFlags', 'virDomainSetMetadata'],
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['media', 'insert', 'web', 'netinst'],
    prepare: OFF,
    anew: true,
    config: WITH_DRIVE,
    changes: [
      'virDomainUpdateDeviceFlags',
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
    ],
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['vnc', '--password', 'web'],
    prepare: RUNNING,
    anew: true,
    config: WITH_SCREEN,
    changes: ['virDomainUpdateDeviceFlags'],
    // Which password it is nobody knows before; that there is one, libvirt tells of one that runs.
    shows: `virsh -q dumpxml --security-info web | grep -o passwdValidTo || true`,
  },
];
