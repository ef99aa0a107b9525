import type { VmDetails } from '../details.ts';

/** Of a VM that moves to another hypervisor, or comes from one; undefined for others. */
export function wayText({ facts: { move } }: VmDetails): string | undefined {
  if (move === undefined) return undefined;
  if (move.role === 'incoming')
    return `from ${move.host}, and not all there yet: plow move --resume there goes on`;
  const goesOn = 'plow move --resume goes on, plow move --abort goes back';
  return move.phase === 'moved'
    ? `to ${move.host}, where it is by now: ${goesOn}`
    : `to ${move.host}: ${goesOn}`;
}
