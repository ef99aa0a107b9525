import { HypervisorError, whereSupported } from '../../errors/hypervisor-error.ts';
import type { HostMemory } from '../../hypervisor/host.ts';
import { countCpus } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import type { Status } from '../doctor/check-names.ts';
import { examinationOf, examine } from '../doctor/examine.ts';
import type { Examination } from '../doctor/finding.ts';
import { withIgnores } from '../doctor/ignore/ignore.ts';
import type { Ignore } from '../doctor/ignore/ignore.ts';
import { explaining } from '../failure.ts';
import { versionText } from '../features/version.ts';

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
  readonly health: Exclude<Status, 'ignored' | 'unknown'>;
}

/**
 * Changes nothing, but for pools that it lends to directories.
 * @param ignores complaints of doctor that count for nothing @throws PlowError, Interrupted
 */
export async function hostFacts(
  context: VmContext,
  ignores: readonly Ignore[],
  examination: Examination = examinationOf(context),
): Promise<HostFacts> {
  const results = withIgnores(await examine(context, examination), ignores, context.now());
  const health = healthOf(results.map(({ status }) => status));
  return { ...(await explaining(look(examination), 'operation', 'cannot look at the hypervisor')), health };
}

async function look({ context, directories, host }: Examination): Promise<Omit<HostFacts, 'health'>> {
  const { hypervisor, storagePath } = context;
  const libvirt = versionText(await host.libvirtVersion());
  const qemu = await whereSupported(host.qemuVersion());
  const cpus = countCpus(await host.capabilities());
  const memory = await whereSupported(hypervisor.memory());
  const facts = await unlessItFails(directories.facts(storagePath));
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

function healthOf(statuses: readonly Status[]): HostFacts['health'] {
  if (statuses.includes('failure')) return 'failure';
  return statuses.includes('warning') ? 'warning' : 'ok';
}
