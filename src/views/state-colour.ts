import type { Colour } from '../terminal/table.ts';

/** Of a VM's state; undefined: none. @param state libvirt's word, `incomplete` or `destroyed` */
export function stateColour(state: string): Colour | undefined {
  if (state === 'running') return 'green';
  if (state === 'crashed' || state === 'incomplete') return 'red';
  return state === 'shut off' || state === 'destroyed' ? 'dim' : 'yellow';
}
