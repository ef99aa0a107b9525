import { IMAGES } from '../../integration/vms.ts';
import { LISTENING, OFF, RUNNING } from './verb.ts';
import type { Verb } from './verb.ts';

const DESTROYED = `virsh -q metadata web --config --uri urn:plow:end:1 --key plow-end \\
    --set "<end uuid='$(virsh domuuid web)' undo-until='2030-01-01T00:00:00.000Z' ran='yes' autostart='yes'/>"`;

const GUARD = '--uri urn:plow:guard:1';
const UNPROTECTED = `virsh -q metadata web --config ${GUARD} --remove 2> /dev/null || true
  virsh -q metadata web --live ${GUARD} --remove 2> /dev/null || true`;
const PROTECTED = `virsh -q metadata web --config ${GUARD} --key plow-guard \\
    --set "<guard uuid='$(virsh domuuid web)' protected='yes'/>"`;

/** Pools that nobody stopped. */
const POOLS = 'virsh -q pool-list --all --name';

/** What a guest with cloud-init says of its address. */
const SAID = `echo 'ci-info: | eth0 | True | 10.77.0.50 | 255.255.255.0 | global | be:ef:0a:4d:00:32 |' \\
    >> ${IMAGES}/web/console.log`;

/** What goes with the QEMU that runs: nothing else tells a VM that was restarted. */
const MARK = '--live --uri urn:mark:1';
const MARKED = `virsh -q metadata web ${MARK} --key mark --set '<mark/>'`;
const IS_MARKED = `virsh -q metadata web ${MARK} 2> /dev/null || echo new`;

/** Whether it runs, for how long it is there, and who waits for it. */
export const STATES: readonly Verb[] = [
  { argv: ['start', 'web'], prepare: OFF, changes: ['virDomainCreate'] },
  {
    argv: ['stop', 'web'],
    prepare: LISTENING,
    changes: ['virDomainShutdownFlags'],
    halfDone: /its power button may have been pressed/u,
  },
  { argv: ['stop', '--force', 'web'], prepare: RUNNING, changes: ['virDomainDestroy'] },
  {
    argv: ['restart', 'web'],
    prepare: `${LISTENING}; ${MARKED}`,
    shows: IS_MARKED,
    changes: ['virDomainShutdownFlags', 'virDomainCreate'],
    halfDone: /VM 'web' (?:is off|still runs)|its power button may have been pressed/u,
  },
  {
    argv: ['restart', '--force', 'web'],
    prepare: `${RUNNING}; ${MARKED}`,
    shows: IS_MARKED,
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
    argv: ['protect', 'web'],
    prepare: UNPROTECTED,
    changes: ['virDomainSetMetadata'],
    restore: UNPROTECTED,
  },
  {
    argv: ['unprotect', 'web'],
    prepare: PROTECTED,
    changes: ['virDomainSetMetadata'],
    restore: UNPROTECTED,
  },
  { argv: ['wait', '--for', 'running', 'web'], prepare: RUNNING, changes: [], shows: POOLS },
  {
    argv: ['wait', '--for', 'address', '--timeout', '30s', 'web'],
    prepare: `${RUNNING}; ${SAID}`,
    changes: [
      'virStoragePoolCreateXML',
      'virStoragePoolDestroy',
      'virStreamNew',
      'virStreamRecv',
      'virStreamFinish',
    ],
    shows: POOLS,
  },
];
