import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { HostMemory } from '../../hypervisor/host.ts';
import { countCpus } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import { examine } from '../doctor/examine.ts';
import type { Status } from '../doctor/check-names.ts';
import { versionText } from '../doctor/versions.ts';
import { explaining } from '../failure.ts';
import { PoolDirectories } from '../host/pool-directories.ts';

/** A hypervisor at a glance. */
export interface HostFacts {
  /** `9.0.0` */
  readonly libvirt: string;
  readonly qemu: string | undefined;
  readonly cpus: number | undefined;
  readonly memory: HostMemory | undefined;
  /** Of the file system of the storage path; undefined where there is none. */
  readonly storage: { readonly totalBytes: number; readonly availableBytes: number } | undefined;
  readonly runningVms: number;
  readonly allVms: number;
  /** The worst that plow doctor has to say. */
  readonly health: Exclude<Status, 'unknown'>;
}

/** Changes nothing, but for pools that it lends to directories. @throws PlowError, Interrupted */
export async function hostFacts(context: VmContext): Promise<HostFacts> {
  const health = healthOf((await examine(context)).map(({ status }) => status));
  return { ...(await explaining(look(context), 'operation', 'cannot look at the hypervisor')), health };
}

async function look(context: VmContext): Promise<Omit<HostFacts, 'health'>> {
  const { hypervisor, storagePath } = context;
  const libvirt = versionText(await hypervisor.libvirtVersion());
  const qemu = await known(hypervisor.qemuVersion());
  const cpus = countCpus(await hypervisor.capabilities());
  const memory = await known(hypervisor.memory());
  const facts = await unlessItFails(new PoolDirectories(context).facts(storagePath));
  using list = await hypervisor.listDomains({ activeOnly: false });
  return {
    libvirt,
    qemu: qemu === undefined ? undefined : versionText(qemu),
    cpus,
    memory,
    storage:
      facts === undefined ||
      typeof facts === 'string' ||
      facts.availableBytes === undefined ||
      facts.totalBytes === undefined
        ? undefined
        : { totalBytes: facts.totalBytes, availableBytes: facts.availableBytes },
    runningVms: list.domains.filter(({ active }) => active).length,
    allVms: list.domains.length,
  };
}

/** Undefined of what plow doctor tells about: a path that is closed, storage that is away. */
async function unlessItFails<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return undefined;
  }
}

/** Undefined where the driver does not tell. */
async function known<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isReason(error, 'unsupported')) return undefined;
    throw error;
  }
}

function healthOf(statuses: readonly Status[]): HostFacts['health'] {
  if (statuses.includes('failure')) return 'failure';
  return statuses.includes('warning') ? 'warning' : 'ok';
}
