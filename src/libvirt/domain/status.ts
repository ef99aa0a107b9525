import koffi from 'koffi';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { DomainState, DomainStatus, DomainViews } from '../../hypervisor/domain-facts.ts';
import type { FunctionName } from '../abi/functions.ts';
import type { Connection } from '../connection/connection.ts';
import { isActive } from './identity.ts';
import { readInfo } from './infos.ts';
import { stateFromNumber } from './state.ts';
import type { Pointer } from '../abi/native.ts';
import type { Call } from '../connection/calls.ts';
import { VIR_DOMAIN_INFO } from '../abi/structs.ts';

/** As stored, not as it runs. */
export const VIR_DOMAIN_XML_INACTIVE = 2;
export const VIR_DOMAIN_XML_LIVE = 0;

/**
 * Why a domain is in a state, by number, in the words of `virsh domstate --reason`; 0 is "unknown"
 * everywhere. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainRunningReason and those after it
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

/** In one batch, none of which asks the QEMU. @throws HypervisorError */
export async function domainStatus(
  connection: Connection,
  domain: Pointer<'virDomain'>,
): Promise<DomainStatus> {
  const active = isActive(domain);
  const info = Buffer.alloc(koffi.sizeof(VIR_DOMAIN_INFO));
  const [state, reason, autostart] = [[0], [0], [0]];
  const [stored, live, persistent, managedSave, snapshots] = await askAll(connection, [
    ['virDomainGetXMLDesc', domain, VIR_DOMAIN_XML_INACTIVE],
    ['virDomainGetXMLDesc', domain, VIR_DOMAIN_XML_LIVE],
    ['virDomainIsPersistent', domain],
    ['virDomainHasManagedSaveImage', domain, 0],
    ['virDomainSnapshotNum', domain, 0],
    ['virDomainGetInfo', domain, info],
    ['virDomainGetState', domain, state, reason, 0],
    ['virDomainGetAutostart', domain, autostart],
  ]);
  const name = stateFromNumber(state[0] ?? 0);
  return {
    ...readInfo(info),
    state: name,
    reason: REASONS[name]?.[(reason[0] ?? 0) - 1],
    active,
    persistent: persistent === 1,
    autostart: autostart[0] === 1,
    managedSave: managedSave === undefined ? undefined : managedSave === 1,
    snapshots: typeof snapshots === 'number' ? snapshots : undefined,
    documents: { stored: String(stored), live: active ? String(live) : undefined },
  };
}

/** As domainStatus, of what stands in its documents. @throws HypervisorError */
export async function domainViews(
  connection: Connection,
  domain: Pointer<'virDomain'>,
): Promise<DomainViews> {
  const active = isActive(domain);
  const autostart = [0];
  const [stored, , live] = await askAll(connection, [
    ['virDomainGetXMLDesc', domain, VIR_DOMAIN_XML_INACTIVE],
    ['virDomainGetAutostart', domain, autostart],
    ...(active ? ([['virDomainGetXMLDesc', domain, VIR_DOMAIN_XML_LIVE]] as const) : []),
  ]);
  const documents = { stored: String(stored), live: active ? String(live) : undefined };
  return { documents, autostart: autostart[0] === 1 };
}

/** Undefined: the driver does not tell it. */
async function askAll(connection: Connection, questions: readonly Call[]): Promise<readonly unknown[]> {
  const answers = await connection.callEach('virDomainGetInfo', questions);
  const answered: unknown[] = [];
  for (const [index, question] of questions.entries())
    answered.push(answers[index] ?? (await askAlone(connection, question)));
  return answered;
}

const OPTIONAL: ReadonlySet<FunctionName> = new Set(['virDomainHasManagedSaveImage', 'virDomainSnapshotNum']);

/** In a batch it cannot be told why a question failed. */
async function askAlone(connection: Connection, [name, ...args]: Call): Promise<unknown> {
  try {
    return await connection.call(name, ...args);
  } catch (error) {
    if (isReason(error, 'unsupported') && OPTIONAL.has(name)) return undefined;
    throw error;
  }
}
