import { HypervisorError, whereSupported } from '../../errors/hypervisor-error.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { HostMemory } from '../../hypervisor/host.ts';
import type { DomainStatistics } from '../../hypervisor/statistics.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import { readPool } from '../../libvirt-xml/read/storage.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { countCpus } from '../../libvirt-xml/read/capabilities.ts';
import { explaining } from '../failure.ts';
import { versionText } from '../features/version.ts';
import { writtenOf } from '../list/list.ts';

/** What is measured of a hypervisor that answered. */
export interface HostMetrics {
  readonly libvirt: string;
  /** These two are undefined where the driver does not tell. */
  readonly qemu: string | undefined;
  readonly memory: HostMemory | undefined;
  readonly cpus: number | undefined;
  readonly pools: readonly PoolSpace[];
  readonly vms: readonly VmMetrics[];
  /** False where a QEMU that hangs kept memory and disks from being told. */
  readonly isWhole: boolean;
}

/** Of an active pool. */
export interface PoolSpace {
  readonly name: string;
  readonly totalBytes: number | undefined;
  readonly availableBytes: number | undefined;
}

export interface VmMetrics extends DomainStatistics {
  /** plow made it, or has adopted it. */
  readonly isOwn: boolean;
  readonly isIncomplete: boolean;
  /** It was destroyed, and can be brought back. */
  readonly isDestroyed: boolean;
  readonly isProtected: boolean;
  /** End of its lease, in ISO 8601. */
  readonly expires: string | undefined;
  readonly address: string | undefined;
  readonly image: string | undefined;
}

type Asked = Pick<
  Hypervisor,
  'capabilities' | 'libvirtVersion' | 'listDomains' | 'listPools' | 'memory' | 'qemuVersion' | 'statistics'
>;

/** Asks a hypervisor how it and its VMs do. Changes nothing. @throws PlowError */
export function hostMetrics(hypervisor: Asked): Promise<HostMetrics> {
  return explaining(measure(hypervisor), 'operation', 'cannot measure the hypervisor');
}

async function measure(hypervisor: Asked): Promise<HostMetrics> {
  const [libvirt, qemu, memory, capabilities, pools, seen, list] = await Promise.all([
    hypervisor.libvirtVersion(),
    whereSupported(hypervisor.qemuVersion()),
    whereSupported(hypervisor.memory()),
    hypervisor.capabilities(),
    poolsOf(hypervisor),
    hypervisor.statistics(),
    hypervisor.listDomains({ activeOnly: false, documents: true }),
  ]);
  using domains = list;
  const documents = new Map(domains.domains.map((domain) => [domain.uuid, domain]));
  return {
    libvirt: versionText(libvirt),
    qemu: qemu === undefined ? undefined : versionText(qemu),
    memory,
    cpus: countCpus(capabilities),
    pools,
    vms: seen.domains.map((one) => {
      const { xml, active = false } = documents.get(one.uuid) ?? {};
      const { own, declared, end } = writtenOf({ uuid: one.uuid, active, xml }, true);
      const document = xml?.includes('plow') === true ? parseIfPossible(xml) : undefined;
      return {
        ...one,
        isOwn: own !== undefined,
        isIncomplete: own?.status === 'creating',
        isDestroyed: end.undo !== undefined && !active,
        isProtected: document !== undefined && isProtected(document),
        expires: end.expires,
        address: declared[0]?.address,
        image: own?.declared.bootDisk.image,
      };
    }),
    isWhole: seen.isWhole,
  };
}

/** Those that do not answer are left out: their storage may be away. */
async function poolsOf(hypervisor: Asked): Promise<readonly PoolSpace[]> {
  const pools = await hypervisor.listPools();
  const spaces = await Promise.all(
    pools.map(async (one) => {
      using pool = one;
      try {
        if (!(await pool.isActive())) return undefined;
        const { totalBytes, availableBytes } = readPool(await pool.xml());
        return { name: pool.name, totalBytes, availableBytes };
      } catch (error) {
        if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
        return undefined;
      }
    }),
  );
  return spaces.filter((space) => space !== undefined);
}
