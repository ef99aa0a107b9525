import { CPU_MODES } from '../../machine.ts';
import { fillTopology, productOf, TOPOLOGY_PARTS } from '../../machine/topology.ts';
import type { SaidTopology } from '../../machine/topology.ts';
import { cpuSetMistake, parseCpuSet } from '../../values/layout/cpu-set.ts';
import { isMap, valueAt } from '../../yaml/raw-value.ts';
import type { Mistake } from '../../yaml/mistake.ts';

/** What spans `vcpus`, `vcpus_max`, `cpu_mode` and the keys of `cpu`. */
export function cpuMistakes(file: unknown): Mistake[] {
  const most = vcpusOf(file);
  return [
    ...mostMistakes(file),
    ...modeMistakes(file),
    ...topologyMistakes(valueAt(file, 'cpu'), most),
    ...pinMistakes(valueAt(valueAt(file, 'cpu'), 'pin'), most),
  ];
}

/** The most virtual CPUs, and the key that says it. */
export interface Most {
  readonly key: 'vcpus' | 'vcpus_max';
  readonly count: number;
}

/** Undefined where the file does not say it as it should. */
export function vcpusOf(file: unknown): Most | undefined {
  const key = valueAt(file, 'vcpus_max') === undefined ? 'vcpus' : 'vcpus_max';
  const count = wholeAt(file, key);
  return count === undefined ? undefined : { key, count };
}

/** A number from 1 on. */
export function wholeAt(map: unknown, key: string): number | undefined {
  const value = valueAt(map, key);
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}

function mostMistakes(file: unknown): Mistake[] {
  const [vcpus, most] = [wholeAt(file, 'vcpus'), wholeAt(file, 'vcpus_max')];
  if (vcpus === undefined || most === undefined || most >= vcpus) return [];
  const text = `the VM has more than that from the start (vcpus: ${vcpus}); leave it out, or write ${vcpus} or more`;
  return [{ path: ['vcpus_max'], text }];
}

/** Of the two places for a mode the second is one too many. */
function modeMistakes(file: unknown): Mistake[] {
  const cpu = valueAt(file, 'cpu');
  const [mode, model] = [valueAt(cpu, 'mode'), valueAt(cpu, 'model')];
  const mistakes: Mistake[] = [];
  if (mode !== undefined && isMap(file) && valueAt(file, 'cpu_mode') !== undefined) {
    const keys = Object.keys(file);
    const isLast = keys.indexOf('cpu') > keys.indexOf('cpu_mode');
    mistakes.push(
      isLast
        ? { path: ['cpu', 'mode'], text: 'cpu_mode says it already; keep one of them' }
        : { path: ['cpu_mode'], text: 'cpu.mode says it already; keep one of them' },
    );
  }
  if (model !== undefined && (mode === undefined || CPU_MODES.some((one) => one === mode))) {
    const has = mode ?? valueAt(file, 'cpu_mode');
    const why = typeof has === 'string' ? `, and this VM has ${has}` : '';
    mistakes.push({ path: ['cpu', 'model'], text: `a model needs cpu.mode: custom${why}` });
  }
  if (mode === 'custom' && model === undefined)
    mistakes.push({
      path: ['cpu', 'mode'],
      text: 'custom needs a model: write cpu.model, such as EPYC-Rome',
    });
  return mistakes;
}

function topologyMistakes(cpu: unknown, most: Most | undefined): Mistake[] {
  const said = TOPOLOGY_PARTS.filter((part) => valueAt(cpu, part) !== undefined);
  const parts: SaidTopology = Object.fromEntries(said.map((part) => [part, wholeAt(cpu, part)]));
  if (most === undefined || said.length === 0 || said.some((part) => parts[part] === undefined)) return [];
  if (fillTopology(parts, most.count) !== undefined) return [];
  const path = ['cpu', said.at(-1) ?? ''];
  const { sockets = 1, dies = 1, cores = 1, threads = 1 } = parts;
  const product = productOf({ sockets, dies, cores, threads });
  const words = said.map((part) => `${part}: ${parts[part]}`).join(', ');
  const text =
    said.length < TOPOLOGY_PARTS.length
      ? `${words} make ${product}, of which ${most.count} (${most.key}) is no multiple`
      : `${words} make ${product} virtual CPUs, and ${most.key} says ${most.count}: libvirt wants the same number`;
  return [{ path, text }];
}

function pinMistakes(pin: unknown, most: Most | undefined): Mistake[] {
  if (!isMap(pin)) return [];
  const seen = new Map<number, string>();
  return Object.keys(pin).flatMap((key): Mistake[] => {
    const path = ['cpu', 'pin', key];
    if (cpuSetMistake(key) !== undefined)
      return [
        { path, text: 'must be the number of a virtual CPU, or a range of them such as 0-3', atKey: true },
      ];
    const vcpus = parseCpuSet(key) ?? [];
    const missing = most && vcpus.find((vcpu) => vcpu >= most.count);
    if (missing !== undefined) return [{ path, text: noVcpu(missing, most), atKey: true }];
    const twice = vcpus.find((vcpu) => seen.has(vcpu));
    for (const vcpu of vcpus) seen.set(vcpu, key);
    if (twice === undefined) return [];
    return [{ path, text: `virtual CPU ${twice} is pinned already, by ${seen.get(twice)}`, atKey: true }];
  });
}

/** That a virtual CPU is none of the VM's. */
export function noVcpu(vcpu: number, most: Most | undefined): string {
  if (most === undefined) return `there is no virtual CPU ${vcpu}`;
  const has = most.count === 1 ? 'the VM has one, which is 0' : `they are 0-${most.count - 1}`;
  return `there is no virtual CPU ${vcpu}: ${has} (${most.key}: ${most.count})`;
}
