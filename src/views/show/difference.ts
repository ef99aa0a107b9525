import type { Difference, Value } from '../../vm/show/differences/differences.ts';
import { oneLine } from '../../text/one-line.ts';
import { bytesText, memoryText } from '../quantities.ts';

/** Of the last word. */
const NAMES: Readonly<Record<string, string>> = {
  maximum_vcpus: 'most vcpus',
  size_bytes: 'size',
  mtu_bytes: 'MTU',
  memory_kib: 'memory',
  current_memory_kib: 'current memory',
  cpu_mode: 'CPU mode',
  machine_type: 'machine type',
  virt_type: 'virtualization',
};

/** `vcpus: 1 now, 2 from the next start on; made with 1`. */
export function differenceLine({ what, declared, stored, live, needsRestart, changed }: Difference): string {
  const show = (value: Value): string => valueText(what, value);
  const now =
    needsRestart && live !== undefined
      ? `${show(live)} now, ${show(stored)} from the next start on`
      : show(stored);
  const made = changed && declared !== undefined ? `; made ${madeText(show(declared), declared)}` : '';
  return `${nameOf(what)}: ${now}${made}`;
}

function nameOf(what: string): string {
  const begin = what.lastIndexOf(' ') + 1;
  const last = what.slice(begin);
  return `${what.slice(0, begin)}${NAMES[last] ?? last}`;
}

function madeText(shown: string, declared: Value): string {
  return declared === null ? 'without' : `with ${shown}`;
}

function valueText(what: string, value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (what.endsWith(' size_bytes')) return bytesText(Number(value));
  return what.endsWith('memory_kib') ? memoryText(Number(value)) : oneLine(String(value));
}
