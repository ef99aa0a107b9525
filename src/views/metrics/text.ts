import type { HostMetrics } from '../../vm/metrics/host-metrics.ts';
import { DISK_FAMILIES, HOST_FAMILIES, INTERFACE_FAMILIES, POOL_FAMILIES, VM_FAMILIES } from './families.ts';
import type { Family } from './families.ts';

/** What came of a look at a hypervisor. */
export interface Look {
  readonly host: string;
  readonly seconds: number;
  /** Undefined: it could not be asked. */
  readonly metrics: HostMetrics | undefined;
}

type Labels = Readonly<Record<string, string | undefined>>;

/** A thing that is measured, and how it is called. */
type Named<Of> = readonly [Labels, Of];

const LOOK_FAMILIES: readonly Family<Look>[] = [
  {
    name: 'up',
    type: 'gauge',
    help: '1 where plow could ask a hypervisor.',
    value: ({ metrics }) => Number(metrics !== undefined),
  },
  { name: 'look_seconds', type: 'gauge', help: 'How long the answer took.', value: ({ seconds }) => seconds },
];

/**
 * The text that Prometheus reads, of several hypervisors.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function metricsText(looks: readonly Look[]): string {
  const hosts = looks.flatMap(({ host, metrics }): readonly Named<HostMetrics>[] =>
    metrics === undefined ? [] : [[{ host }, metrics]],
  );
  const vms = hosts.flatMap(([labels, { vms: all }]) =>
    all.map((vm) => [{ ...labels, vm: vm.name }, vm] as const),
  );
  return [
    ...familiesText(
      LOOK_FAMILIES,
      looks.map((look) => [{ host: look.host }, look] as const),
    ),
    ...familiesText(HOST_FAMILIES, hosts),
    ...familiesText(
      POOL_FAMILIES,
      hosts.flatMap(([labels, { pools }]) =>
        pools.map((pool) => [{ ...labels, pool: pool.name }, pool] as const),
      ),
    ),
    ...familiesText(VM_FAMILIES, vms),
    ...familiesText(
      DISK_FAMILIES,
      vms.flatMap(([labels, { disks }]) =>
        disks.map((disk) => [{ ...labels, disk: disk.target }, disk] as const),
      ),
    ),
    ...familiesText(
      INTERFACE_FAMILIES,
      vms.flatMap(([labels, { interfaces }]) =>
        interfaces.map((one) => [{ ...labels, interface: one.name }, one] as const),
      ),
    ),
  ].join('');
}

/** A family without a value of anything is left out. */
function familiesText<Of>(families: readonly Family<Of>[], things: readonly Named<Of>[]): readonly string[] {
  return families.flatMap(({ name, type, help, value, labels: more }) => {
    const lines = things.flatMap(([labels, of]) => {
      const measured = value(of);
      return measured === undefined || !Number.isFinite(measured)
        ? []
        : [`plow_${name}${labelsText({ ...labels, ...more?.(of) })} ${measured}\n`];
    });
    return lines.length === 0 ? [] : [`# HELP plow_${name} ${help}\n# TYPE plow_${name} ${type}\n`, ...lines];
  });
}

function labelsText(labels: Labels): string {
  const all = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escaped(value)}"`],
  );
  return `{${all.join(',')}}`;
}

/** Names of VMs of other tools may hold anything. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
