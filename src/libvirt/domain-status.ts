import { isReason } from '../errors/hypervisor-error.ts';
import type { DomainState, DomainStatus } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { isActive } from './domain-identity.ts';
import { domainInfo } from './domain-infos.ts';
import type { Pointer } from './native.ts';

/**
 * Why a domain is in a state, by number, in the words of `virsh domstate --reason`; 0 is "unknown" everywhere.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainRunningReason and those after it
 */
const REASONS: Readonly<Partial<Record<DomainState, readonly string[]>>> = {
  running: [
    'booted',
    'migrated',
    'restored',
    'from snapshot',
    'unpaused',
    'migration canceled',
    'save canceled',
    'event wakeup',
    'crashed',
    'post-copy',
  ],
  paused: [
    'user',
    'migrating',
    'saving',
    'dumping',
    'I/O error',
    'watchdog',
    'from snapshot',
    'shutting down',
    'creating snapshot',
    'crashed',
    'starting up',
    'post-copy',
    'post-copy failed',
    'api error',
  ],
  'in shutdown': ['user'],
  'shut off': ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot', 'daemon'],
  crashed: ['panicked'],
};

/** A few round trips, none of which asks the QEMU. @throws HypervisorError */
export async function domainStatus(
  connection: Connection,
  domain: Pointer<'virDomain'>,
): Promise<DomainStatus> {
  const info = await domainInfo(connection, domain);
  const reason = [0];
  await connection.call('virDomainGetState', domain, [0], reason, 0);
  const autostart = [0];
  await connection.call('virDomainGetAutostart', domain, autostart);
  const persistent = await connection.callNumber('virDomainIsPersistent', domain);
  const managedSave = await ifSupported(connection.callNumber('virDomainHasManagedSaveImage', domain, 0));
  return {
    ...info,
    reason: REASONS[info.state]?.[(reason[0] ?? 0) - 1],
    active: isActive(domain),
    persistent: persistent === 1,
    autostart: autostart[0] === 1,
    managedSave: managedSave === undefined ? undefined : managedSave === 1,
    snapshots: await ifSupported(connection.callNumber('virDomainSnapshotNum', domain, 0)),
  };
}

async function ifSupported(call: Promise<number>): Promise<number | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isReason(error, 'unsupported')) return undefined;
    throw error;
  }
}
