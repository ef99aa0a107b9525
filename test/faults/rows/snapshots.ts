import { IMAGES } from '../../integration/vms.ts';
import { OBEDIENT } from '../variants.ts';
import { OFF, plow } from './verb.ts';
import type { Verb } from './verb.ts';

/** Snapshots, and pools that nobody stopped. */
const SNAPSHOTS = 'virsh -q snapshot-list --tree web; virsh -q pool-list --all --name';
const UEFI = { ...OBEDIENT.config, firmware: 'uefi' };

const NO_CLONE = `virsh -q destroy web-2 2> /dev/null || true
  virsh -q undefine --nvram web-2 2> /dev/null || true; rm -rf ${IMAGES}/web-2`;
const CLONES = `virsh -q list --all --name; virsh -q dumpxml --inactive web-2 2> /dev/null || true
  find ${IMAGES}/web-2 2> /dev/null | sort; ls /var/lib/libvirt/qemu/nvram; virsh -q pool-list --all --name`;

const AS_IT_IS = ['--ip', '10.77.0.51/24', '--keep-identity', '--start'];

/** By these it makes files, and copies UEFI variables, through a pool that is lent. */
const WRITES_FILES = [
  'virStoragePoolCreateXML',
  'virStoragePoolDestroy',
  'virStorageVolCreateXML',
  'virStorageVolUpload',
  'virStreamFinish',
  'virStreamNew',
  'virStreamRecv',
  'virStreamSend',
] as const;

/** Snapshots and clones. */
export const SNAPSHOTS_AND_CLONES: readonly Verb[] = [
  {
    argv: ['snapshot', 'create', '--if-missing', 'web', 'one'],
    prepare: '',
    anew: true,
    config: UEFI,
    changes: [...WRITES_FILES, 'virDomainSnapshotCreateXML'],
    shows: SNAPSHOTS,
  },
  {
    argv: ['snapshot', 'create', '--if-missing', 'web', 'one'],
    prepare: OFF,
    anew: true,
    config: UEFI,
    changes: [...WRITES_FILES, 'virDomainSnapshotCreateXML', 'virDomainDefineXMLFlags'],
    shows: SNAPSHOTS,
  },
  {
    argv: ['snapshot', 'revert', '--yes', 'web', 'one'],
    prepare: `${plow('snapshot create web one')}; ${plow('snapshot create web two')}; ${OFF}`,
    anew: true,
    config: UEFI,
    changes: [
      ...WRITES_FILES,
      'virStorageVolDelete',
      'virDomainDefineXMLFlags',
      'virDomainSnapshotCreateXML',
    ],
    halfDone: /could not remove files that are not needed/u,
    shows: SNAPSHOTS,
  },
  {
    argv: ['snapshot', 'delete', '--if-exists', 'web', 'one'],
    prepare: `${plow('snapshot create web one')}; ${plow('snapshot create web two')}
      ${plow('snapshot revert --yes web one')}; ${plow('snapshot delete web two')}; ${plow('snapshot create web three')}
      ${plow('snapshot revert --yes web three')}`,
    anew: true,
    config: UEFI,
    changes: [
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStorageVolDelete',
      'virDomainSnapshotDelete',
    ],
    halfDone: /snapshot 'one' is forgotten/u,
    shows: SNAPSHOTS,
  },
  {
    argv: ['clone', 'web', 'web-2', ...AS_IT_IS],
    prepare: `${OFF}; ${NO_CLONE}`,
    config: UEFI,
    before: [['destroy', '--force', '--if-exists', 'web-2']],
    restore: NO_CLONE,
    changes: [
      ...WRITES_FILES,
      'virStorageVolCreateXMLFrom',
      'virDomainCreate',
      'virDomainDefineXMLFlags',
      'virDomainSetAutostart',
      'virDomainSetMetadata',
    ],
    shows: CLONES,
  },
  {
    argv: ['clone', 'web', 'web-2', '--snapshot', 'one', '--linked', ...AS_IT_IS],
    prepare: `${OFF}; ${NO_CLONE}; ${plow('snapshot create --if-missing web one')}`,
    config: UEFI,
    before: [['destroy', '--force', '--if-exists', 'web-2']],
    restore: NO_CLONE,
    changes: [
      ...WRITES_FILES,
      'virDomainCreate',
      'virDomainDefineXMLFlags',
      'virDomainSetAutostart',
      'virDomainSetMetadata',
    ],
    shows: CLONES,
  },
];
