import { oneLine } from '../../text/one-line.ts';
import { bytesText, memoryText } from '../../text/quantities.ts';
import type { Difference, Value } from '../../vm/show/details.ts';
import { DISK_FIELDS } from '../../vm/show/fields/disk.ts';
import { yesNo } from '../../text/yes-no.ts';
import { INTERFACE_FIELDS } from '../../vm/show/fields/interface.ts';
import { VM_FIELDS } from '../../vm/show/fields/vm.ts';

const FIELDS = [...VM_FIELDS, ...DISK_FIELDS, ...INTERFACE_FIELDS];

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

/** What its last word stands for. */
function fieldOf(what: string) {
  const last = what.slice(what.lastIndexOf(' ') + 1);
  return FIELDS.find(({ key, compare }) => key === last && compare !== undefined);
}

/** `current memory`, `disk vdb size`. */
export function nameOf(what: string): string {
  const { key = '', word = key } = fieldOf(what) ?? {};
  return `${what.slice(0, what.length - key.length)}${word}`;
}

function madeText(shown: string, declared: Value): string {
  return declared === null ? 'without' : `with ${shown}`;
}

/** As a person reads it, with its unit. */
export function valueText(what: string, value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return yesNo(value);
  const unit = fieldOf(what)?.unit;
  if (unit === 'bytes') return bytesText(Number(value));
  return unit === 'KiB' ? memoryText(Number(value)) : oneLine(String(value));
}
