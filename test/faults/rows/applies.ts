import { IMAGES, vm } from '../../integration/vms.ts';
import { OBEDIENT } from '../variants.ts';
import { LISTENING } from './verb.ts';
import type { Verb } from './verb.ts';

const FILE = '/tmp/plow-faults-apply.yaml';

const file = (config: object): string => `echo '${JSON.stringify(config)}' > ${FILE}`;

const disk = (size_gb: number): object => ({ data_disks: [{ device: 'vdb', size_gb }] });

/** What a VM is made to be as its file says. */
export const APPLIES: readonly Verb[] = [
  {
    argv: ['apply', '--yes', FILE],
    prepare: file(vm({ ...disk(2), description: 'a web server', tags: ['eu'] })),
    anew: true,
    config: vm(disk(1)),
    changes: [
      'virDomainBlockResize',
      'virDomainSetMetadata',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
    ],
    halfDone: /done(?: is|:) .*; the same command does the rest/u,
    shows: 'virsh domblkinfo web vdb | grep Capacity',
  },
  {
    argv: ['apply', '--yes', '--allow', 'reboot', FILE],
    prepare: `${file({ ...OBEDIENT.config, vcpus: 2 })}; ${LISTENING}`,
    anew: true,
    config: OBEDIENT.config,
    changes: [
      'virDomainCreate',
      'virDomainDefineXMLFlags',
      'virDomainSetMetadata',
      'virDomainShutdownFlags',
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
    ],
    halfDone: /of VM 'web' is done: .*; the same command does the rest|is off: it could not be started/u,
    // A VM that is off stays off.
    before: [['start', 'web']],
    shows: `ls ${IMAGES}/web`,
  },
];
