import { IMAGES } from '../integration/vms.ts';
import { APPLIES } from './rows/applies.ts';
import { DEVICES, ISO } from './rows/devices.ts';
import { REBUILDS } from './rows/rebuilds.ts';
import { SNAPSHOTS_AND_CLONES } from './rows/snapshots.ts';
import { STATES } from './rows/states.ts';
import { plow } from './rows/verb.ts';
import type { Verb } from './rows/verb.ts';
import { OBEDIENT } from './variants.ts';

/** The first row that makes a call is the one that a sample tries it with. */
export const VERBS: readonly Verb[] = [
  ...STATES,
  ...DEVICES,
  ...SNAPSHOTS_AND_CLONES,
  ...REBUILDS,
  ...APPLIES,
];

/** A domain, a file and a pool of others, of which each verb must keep its hands. */
const OTHERS = {
  prepare: `truncate -s 1M ${IMAGES}/other.raw
    virsh -q pool-define-as theirs dir --target ${IMAGES}; virsh -q pool-start theirs
    virsh -q define /dev/stdin << END
      <domain type='qemu'><name>other</name><memory unit='MiB'>64</memory>
        <os><type arch='x86_64' machine='q35'>hvm</type></os>
        <devices><disk type='file'><source file='${IMAGES}/other.raw'/><target dev='vda' bus='virtio'/></disk></devices>
      </domain>
END
`,
  restore: `virsh -q undefine other; virsh -q pool-destroy theirs; virsh -q pool-undefine theirs
    rm ${IMAGES}/other.raw`,
};

/** An install medium, by its path and by a name. An ISO is one by its sixteenth sector. */
const MEDIA = {
  prepare: `truncate -s 64K ${ISO}; printf '\\001CD001' | dd of=${ISO} bs=1 seek=32768 conv=notrunc status=none
    ${plow(`image import ${ISO} --name netinst --image-version 1`)}`,
  restore: `rm -r ${ISO} ${IMAGES}/plow.images`,
};

/** What the host has besides the VM. */
export const SURROUNDINGS = {
  prepare: [OBEDIENT, OTHERS, MEDIA].map(({ prepare }) => prepare).join('\n'),
  restore: [MEDIA, OTHERS, OBEDIENT].map(({ restore }) => restore).join('\n'),
};

export const USUAL_VM = OBEDIENT.config;
