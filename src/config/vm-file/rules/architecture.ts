import { archCalled } from '../../architectures.ts';
import { archMistakes } from '../../settle.ts';
import { valueAt } from '../../yaml/raw-value.ts';
import type { Mistake } from '../../yaml/mistake.ts';

/** What an architecture that the file names cannot have; of one that it leaves out the hypervisor tells. */
export function architectureMistakes(file: unknown): Mistake[] {
  const name = valueAt(file, 'arch');
  const arch = typeof name === 'string' ? archCalled(name) : undefined;
  if (arch === undefined) return [];
  const values = {
    machine: valueAt(file, 'machine'),
    firmware: valueAt(file, 'firmware'),
    cpu_mode: valueAt(file, 'cpu_mode'),
  };
  return archMistakes(arch, values).map(({ key, text }) => ({ path: [key], text }));
}
