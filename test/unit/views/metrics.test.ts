import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { metricsText } from '../../../src/views/metrics/text.ts';
import type { HostMetrics } from '../../../src/vm/metrics/host-metrics.ts';

const EXAMPLES = new URL('../../../examples/prometheus/', import.meta.url);

const NOTHING: HostMetrics = {
  libvirt: '9.0.0',
  qemu: undefined,
  memory: { totalBytes: 2000, availableBytes: 500 },
  cpus: 4,
  pools: [{ name: 'default', totalBytes: 100, availableBytes: 40 }],
  vms: [],
  isWhole: true,
};

const WEB = {
  name: 'web',
  uuid: 'u',
  state: 'running',
  vcpus: 2,
  cpuSeconds: 1.5,
  memory: {
    maximumBytes: 64,
    currentBytes: 32,
    usableBytes: 8,
    availableBytes: 31,
    residentBytes: 70,
  },
  interfaces: [
    {
      name: 'vnet0',
      receivedBytes: 1,
      receivedPackets: 2,
      receivedErrors: 0,
      receivedDrops: 0,
      sentBytes: 3,
      sentPackets: 4,
      sentErrors: 0,
      sentDrops: 0,
    },
  ],
  disks: [
    {
      target: 'vda',
      path: '/a',
      readBytes: 1,
      reads: 2,
      readSeconds: 0.25,
      writtenBytes: 3,
      writes: 4,
      writeSeconds: 0.5,
      capacityBytes: 99,
      takenBytes: 33,
    },
  ],
  isOwn: true,
  isIncomplete: false,
  isDestroyed: false,
  isProtected: true,
  expires: '2025-01-02T03:04:05Z',
  address: '10.0.0.2',
  image: '/images/a.qcow2',
} as const;

const WHOLE = metricsText([{ host: 'hv1', seconds: 0.5, metrics: { ...NOTHING, vms: [WEB] } }]);

/** The label of a VM that is otherwise as WEB. */
function stateOf(vm: object): unknown {
  const text = metricsText([{ host: 'h', seconds: 1, metrics: { ...NOTHING, vms: [{ ...WEB, ...vm }] } }]);
  return /state="(?<state>\w+)"/u.exec(text)?.groups?.['state'];
}

describe('metrics', () => {
  it('stand once with their meaning, and once for each thing', () => {
    const names = [...WHOLE.matchAll(/^# TYPE (?<name>\S+)/gmu)].map(({ groups }) => groups?.['name']);
    expect(new Set(names).size).toBe(names.length);
    expect(WHOLE).toContain('plow_vm_cpu_seconds_total{host="hv1",vm="web"} 1.5\n');
    expect(WHOLE).toContain('plow_vm_protected{host="hv1",vm="web"} 1\n');
    expect(WHOLE).toContain('plow_vm_lease_end_timestamp_seconds{host="hv1",vm="web"} 1735787045\n');
    expect(WHOLE).toContain('plow_host_info{host="hv1",libvirt="9.0.0"} 1\n');
  });

  it('are not made up where nothing was told', () => {
    const untold = { ...WEB, cpuSeconds: undefined, expires: 'soon', isOwn: false };
    const text = metricsText([
      { host: 'hv1', seconds: 1, metrics: { ...NOTHING, vms: [untold] } },
      { host: 'hv2', seconds: 10, metrics: undefined },
    ]);
    expect(text).not.toMatch(/plow_vm_(?:cpu_seconds|lease_end|protected)/u);
    expect(text).toContain('plow_up{host="hv2"} 0\n');
    expect(text.match(/hv2/gu)).toHaveLength(2);
  });

  it('tell a VM that was destroyed, or whose create died, from one that is off', () => {
    expect(stateOf({ isIncomplete: true })).toBe('incomplete');
    expect(stateOf({ isDestroyed: true })).toBe('destroyed');
    expect(stateOf({})).toBe('running');
  });

  it('keep a name of a foreign VM within its quotes', () => {
    const vm = { ...WEB, name: 'a"} 1\nplow_up{host="b\\' };
    const text = metricsText([{ host: 'h', seconds: 1, metrics: { ...NOTHING, vms: [vm] } }]);
    expect(text).toContain('vm="a\\"} 1\\nplow_up{host=\\"b\\\\"');
    expect(text.match(/^plow_up/gmu)).toHaveLength(1);
  });

  it.each(['plow-dashboard.json', 'plow-alerts.yaml', 'plow-alerts-test.yaml'])(
    'are those that %s names',
    async (file) => {
      const known = new Set(
        [...WHOLE.matchAll(/^# TYPE (?<name>\S+)/gmu)].map(({ groups }) => groups?.['name']),
      );
      const text = await readFile(new URL(file, EXAMPLES), 'utf8');
      const named = [...text.matchAll(/\bplow_\w+/gu)].map(([name]) => name);
      expect(named.length).toBeGreaterThan(3);
      expect(named.filter((name) => !known.has(name))).toStrictEqual([]);
    },
  );
});
