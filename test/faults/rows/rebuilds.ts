import { IMAGES, vm } from '../../integration/vms.ts';
import { OFF, plow, RUNNING } from './verb.ts';
import type { Verb } from './verb.ts';

const WITH_SEED = vm({ cloud_init: { ssh_host_keys: false } });
const IMAGE = `${IMAGES}/tiny.qcow2`;
const FILE = '/tmp/plow-faults-rebuild.yaml';

/** What a VM starts from, and what sets its guest up. */
export const REBUILDS: readonly Verb[] = [
  {
    argv: ['rebuild', '--yes', '--force', '--image', IMAGE, 'web'],
    prepare: RUNNING,
    anew: true,
    config: WITH_SEED,
    changes: [
      'virDomainCreate',
      'virDomainDefineXMLFlags',
      'virDomainDestroy',
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolCreateXML',
      'virStorageVolUpload',
      'virStreamFinish',
      'virStreamNew',
      'virStreamRecv',
      'virStreamSend',
    ],
    halfDone: /left: |not removed|did not/u,
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['rebuild', '--yes', '--force', '--wait-for', 'running', 'web'],
    prepare: RUNNING,
    anew: true,
    config: WITH_SEED,
    changes: [
      'virDomainCreate',
      'virDomainDefineXMLFlags',
      'virDomainDestroy',
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolCreateXML',
      'virStorageVolUpload',
      'virStreamFinish',
      'virStreamNew',
      'virStreamRecv',
      'virStreamSend',
      'virStorageVolDelete',
    ],
    halfDone: /left: |the old disk is kept|the same command does the rest/u,
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['rebuild', '--yes', '--force', '--undo', 'web'],
    prepare: `${RUNNING}; ${plow(`rebuild --yes --force web`)}`,
    anew: true,
    config: WITH_SEED,
    changes: [
      'virDomainCreate',
      'virDomainDefineXMLFlags',
      'virDomainDestroy',
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolDelete',
    ],
    halfDone: /left: |the same command does the rest|cannot have its old disk back/u,
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['rebuild', '--yes', '--drop-old', 'web'],
    prepare: `${OFF}; ${plow(`rebuild --yes web`)}`,
    anew: true,
    config: WITH_SEED,
    changes: [
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolDelete',
    ],
    halfDone: /left: |the same command does the rest|cannot remove the old disk/u,
    shows: 'virsh -q domblklist web',
  },
  {
    argv: ['rebuild', '--file', FILE, '--seed-only', 'web'],
    prepare: `${RUNNING}; echo '${JSON.stringify(WITH_SEED)}' > ${FILE}`,
    anew: true,
    config: WITH_SEED,
    changes: [
      'virDomainDefineXMLFlags',
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolCreateXML',
      'virStorageVolUpload',
      'virStreamFinish',
      'virStreamNew',
      'virStreamRecv',
      'virStreamSend',
      'virDomainUpdateDeviceFlags',
      'virStorageVolDelete',
    ],
    halfDone: /left: |could not remove files|sees the seed once/u,
    shows: 'virsh -q domblklist web',
  },
];
