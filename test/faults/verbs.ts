import { IMAGES, vm } from '../integration/vms.ts';
import { OBEDIENT, UNTIL_OBEDIENT } from './variants.ts';

/** A command that changes a VM, one row of the matrix of verbs. The VM is named `web`. */
export interface Verb {
  readonly argv: readonly string[];
  /** Shell commands that bring a VM, in whatever state it is, to where the command finds it. */
  readonly prepare: string;
  /** Names of the calls by which it changes something, in any order, each once. */
  readonly changes: readonly string[];
  /** True where `prepare` cannot undo what the command does: the VM is made anew for each step. */
  readonly anew?: true;
  /** The VM, if not one of a guest that powers off when asked. */
  readonly config?: object;
  /** What plow says where a call fails half way. Without it the VM must be as it was. */
  readonly halfDone?: RegExp;
  /** Shell commands that print what else the command changes; its stored document is looked at always. */
  readonly shows?: string;
}

const OFF = 'virsh -q destroy web 2> /dev/null || true';
const RUNNING = `case $(virsh domstate web) in
    paused) virsh -q resume web;; running) ;; *) virsh -q start web;; esac`;
const DESTROYED = `virsh -q metadata web --config --uri urn:plow:end:1 --key plow-end \\
    --set "<end uuid='$(virsh domuuid web)' undo-until='2030-01-01T00:00:00.000Z' ran='yes' autostart='yes'/>"`;
const LISTENING = `${RUNNING}; ${UNTIL_OBEDIENT}`;

const WITH_DISK = vm({ data_disks: [{ device: 'vdb', size_gb: 1 }] });

/** The first row that makes a call is the one that a sample tries it with. */
export const VERBS: readonly Verb[] = [
  { argv: ['start', 'web'], prepare: OFF, changes: ['virDomainCreate'] },
  { argv: ['stop', 'web'], prepare: LISTENING, changes: ['virDomainShutdownFlags'] },
  { argv: ['stop', '--force', 'web'], prepare: RUNNING, changes: ['virDomainDestroy'] },
  {
    argv: ['restart', 'web'],
    prepare: LISTENING,
    changes: ['virDomainShutdownFlags', 'virDomainCreate'],
    halfDone: /VM 'web' (?:is off|still runs)/u,
  },
  {
    argv: ['restart', '--force', 'web'],
    prepare: RUNNING,
    changes: ['virDomainDestroy', 'virDomainCreate'],
    halfDone: /VM 'web' is off/u,
  },
  { argv: ['suspend', 'web'], prepare: RUNNING, changes: ['virDomainSuspend'] },
  {
    argv: ['resume', 'web'],
    prepare: `${RUNNING}; virsh -q suspend web`,
    changes: ['virDomainResume'],
  },
  {
    argv: ['autostart', 'on', 'web'],
    prepare: 'virsh -q autostart --disable web',
    changes: ['virDomainSetAutostart'],
  },
  {
    argv: ['autostart', 'off', 'web'],
    prepare: 'virsh -q autostart web',
    changes: ['virDomainSetAutostart'],
  },
  {
    argv: ['extend', '--for', 'never', 'web'],
    prepare: `virsh -q metadata web --config --uri urn:plow:end:1 --key plow-end --set "<end uuid='$(virsh domuuid web)'
      expires='2030-01-01T00:00:00.000Z'/>"`,
    changes: ['virDomainSetMetadata'],
  },
  {
    argv: ['destroy', '--undo-within', '24h', '--timeout', '60s', 'web'],
    prepare: `virsh -q metadata web --config --uri urn:plow:end:1 --remove 2> /dev/null || true
      virsh -q autostart web; ${LISTENING}; virsh -q metadata web --live --uri urn:plow:end:1 --remove || true`,
    changes: ['virDomainSetMetadata', 'virDomainSetAutostart', 'virDomainShutdownFlags'],
    halfDone: /VM 'web' may be half done: it is marked as destroyed; the same command does the rest/u,
  },
  {
    argv: ['undelete', 'web'],
    prepare: `${OFF}; virsh -q autostart --disable web; ${DESTROYED}`,
    changes: ['virDomainSetMetadata', 'virDomainSetAutostart', 'virDomainCreate'],
    halfDone: /VM 'web' may be half done: it is still marked as destroyed; the same command does the rest/u,
  },
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
];

/** A domain, a file and a pool of others, of which each verb must keep its hands. */
const OTHERS = {
  prepare: `truncate -s 1M ${IMAGES}/other.raw
    virsh -q pool-define-as theirs dir --target ${IMAGES}; virsh -q pool-start theirs
    cat > /tmp/other.xml << END
      <domain type='qemu'><name>other</name><memory unit='MiB'>64</memory>
        <os><type arch='x86_64' machine='q35'>hvm</type></os>
        <devices><disk type='file'><source file='${IMAGES}/other.raw'/><target dev='vda' bus='virtio'/></disk></devices>
      </domain>
END
    virsh -q define /tmp/other.xml; rm /tmp/other.xml`,
  restore: `virsh -q undefine other; virsh -q pool-destroy theirs; virsh -q pool-undefine theirs
    rm ${IMAGES}/other.raw`,
};

/** What the host has besides the VM. */
export const SURROUNDINGS = {
  prepare: `${OBEDIENT.prepare}\n${OTHERS.prepare}`,
  restore: `${OTHERS.restore}\n${OBEDIENT.restore}`,
};

export const USUAL_VM = OBEDIENT.config;
