import { archCalled } from '../../architectures.ts';
import { archMistakes } from '../../settle.ts';
import { asWritten } from './as-written.ts';
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
    cpu_mode: valueAt(valueAt(file, 'cpu'), 'mode') ?? valueAt(file, 'cpu_mode'),
    vcpus_max: valueAt(file, 'vcpus_max'),
    dies: valueAt(valueAt(file, 'cpu'), 'dies'),
  };
  return archMistakes(arch, values).map(({ path, text }) => ({ path: asWritten(path, file), text }));
}
