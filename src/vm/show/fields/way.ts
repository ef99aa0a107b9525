import type { VmDetails } from '../details.ts';

/** Of a VM that moves to another hypervisor, or comes from one; undefined for others. */
export function wayText({ facts: { move } }: VmDetails): string | undefined {
  if (move === undefined) return undefined;
  if (move.role === 'incoming')
    return `from ${move.host}, and not all there yet: plow move --resume there goes on`;
  const goesOn = 'plow move --resume goes on';
  const goesBack = 'plow move --abort goes back';
  if (move.phase === 'copying') return `to ${move.host}: ${goesOn}, ${goesBack}`;
  const is = `to ${move.host}, where it is by now: ${goesOn}`;
  return move.phase === 'moved' ? `${is}, ${goesBack}` : is;
}
