import type { DiskStatistics, InterfaceStatistics } from '../../hypervisor/statistics.ts';
import type { HostMetrics, PoolSpace, VmMetrics } from '../../vm/metrics/host-metrics.ts';

/** A metric: its name, what it is, and its value of each thing. */
export interface Family<Of> {
  /** Without `plow_`, with its unit. https://prometheus.io/docs/practices/naming/ */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Undefined: there is none of this thing. */
  readonly value: (of: Of) => number | undefined;
  /** Besides those of the thing. */
  readonly labels?: (of: Of) => Readonly<Record<string, string | undefined>>;
}

function counter<Of>(name: string, help: string, value: Family<Of>['value']): Family<Of> {
  return { name, type: 'counter', help, value };
}

function gauge<Of>(
  name: string,
  help: string,
  value: Family<Of>['value'],
  labels?: Family<Of>['labels'],
): Family<Of> {
  return { name, type: 'gauge', help, value, ...(labels === undefined ? {} : { labels }) };
}

export const HOST_FAMILIES: readonly Family<HostMetrics>[] = [
  gauge(
    'host_info',
    'Versions of a hypervisor.',
    () => 1,
    ({ libvirt, qemu }) => ({ libvirt, qemu }),
  ),
  gauge('host_cpus', 'CPUs of a hypervisor.', ({ cpus }) => cpus),
  gauge('host_memory_bytes', 'Memory of a hypervisor.', ({ memory }) => memory?.totalBytes),
  gauge(
    'host_memory_available_bytes',
    'Memory of a hypervisor that is free, or taken by caches that give way.',
    ({ memory }) => memory?.availableBytes,
  ),
  gauge('host_vms', 'VMs of a hypervisor, running or not.', ({ vms }) => vms.length),
  gauge(
    'host_statistics_whole',
    '0 where a QEMU that hangs kept memory and disks of VMs from being told.',
    ({ isWhole }) => Number(isWhole),
  ),
];

export const POOL_FAMILIES: readonly Family<PoolSpace>[] = [
  gauge('pool_bytes', 'Size of the file system of an active pool.', ({ totalBytes }) => totalBytes),
  gauge('pool_available_bytes', 'What is free in it.', ({ availableBytes }) => availableBytes),
];

export const VM_FAMILIES: readonly Family<VmMetrics>[] = [
  gauge(
    'vm_info',
    'What a VM is: its base image and the address it was made with, where plow made it.',
    () => 1,
    ({ uuid, image, address, isOwn }) => ({ uuid, image, address, managed: String(isOwn) }),
  ),
  gauge(
    'vm_state',
    'The state of a VM, as a label: running, paused, shut off, crashed, incomplete, destroyed...',
    () => 1,
    (vm) => ({ state: stateOf(vm) }),
  ),
  gauge('vm_protected', '1 for a VM that plow destroys only with --force.', ({ isProtected, isOwn }) =>
    isOwn ? Number(isProtected) : undefined,
  ),
  gauge('vm_lease_end_timestamp_seconds', 'When the lease of a VM ends.', ({ expires }) => {
    const at = expires === undefined ? Number.NaN : Date.parse(expires);
    return Number.isNaN(at) ? undefined : at / 1000;
  }),
  gauge('vm_cpus', 'Virtual CPUs of a VM.', ({ vcpus }) => vcpus),
  counter(
    'vm_cpu_seconds_total',
    'CPU time of the host that a VM took since it was started.',
    ({ cpuSeconds }) => cpuSeconds,
  ),
  gauge('vm_memory_maximum_bytes', 'What a VM can have at most.', ({ memory }) => memory.maximumBytes),
  gauge('vm_memory_bytes', 'What its balloon leaves a VM.', ({ memory }) => memory.currentBytes),
  gauge(
    'vm_memory_available_bytes',
    'What the guest says it has, without what its kernel keeps.',
    ({ memory }) => memory.availableBytes,
  ),
  gauge(
    'vm_memory_usable_bytes',
    'What the guest says programs could have more without swapping.',
    ({ memory }) => memory.usableBytes,
  ),
  gauge(
    'vm_memory_resident_bytes',
    'What its QEMU has of the memory of the host.',
    ({ memory }) => memory.residentBytes,
  ),
];

function stateOf({ state, isIncomplete, isDestroyed }: VmMetrics): string {
  if (isDestroyed) return 'destroyed';
  return isIncomplete ? 'incomplete' : state;
}

export const DISK_FAMILIES: readonly Family<DiskStatistics>[] = [
  counter('vm_disk_read_bytes_total', 'What a guest read from a disk.', ({ readBytes }) => readBytes),
  counter('vm_disk_reads_total', 'Reads of a guest from a disk.', ({ reads }) => reads),
  counter(
    'vm_disk_read_seconds_total',
    'Time that reads from a disk took, added up.',
    ({ readSeconds }) => readSeconds,
  ),
  counter('vm_disk_written_bytes_total', 'What a guest wrote to a disk.', ({ writtenBytes }) => writtenBytes),
  counter('vm_disk_writes_total', 'Writes of a guest to a disk.', ({ writes }) => writes),
  counter(
    'vm_disk_write_seconds_total',
    'Time that writes to a disk took, added up.',
    ({ writeSeconds }) => writeSeconds,
  ),
  gauge('vm_disk_bytes', 'Size of a disk, as the guest sees it.', ({ capacityBytes }) => capacityBytes),
  gauge(
    'vm_disk_allocated_bytes',
    'What the file of a disk takes up on the host.',
    ({ takenBytes }) => takenBytes,
  ),
];

export const INTERFACE_FAMILIES: readonly Family<InterfaceStatistics>[] = [
  counter('vm_network_receive_bytes_total', 'What a guest received.', (one) => one.receivedBytes),
  counter('vm_network_receive_packets_total', 'Packets a guest received.', (one) => one.receivedPackets),
  counter('vm_network_receive_errors_total', 'Packets with errors to a guest.', (one) => one.receivedErrors),
  counter(
    'vm_network_receive_drops_total',
    'Packets to a guest that were dropped.',
    (one) => one.receivedDrops,
  ),
  counter('vm_network_transmit_bytes_total', 'What a guest sent.', (one) => one.sentBytes),
  counter('vm_network_transmit_packets_total', 'Packets a guest sent.', (one) => one.sentPackets),
  counter('vm_network_transmit_errors_total', 'Packets with errors of a guest.', (one) => one.sentErrors),
  counter('vm_network_transmit_drops_total', 'Packets of a guest that were dropped.', (one) => one.sentDrops),
];
