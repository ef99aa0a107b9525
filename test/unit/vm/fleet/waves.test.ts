import { describe, expect, it } from 'vitest';
import { wavesOf } from '../../../../src/vm/fleet/waves.ts';
import type { InTurn } from '../../../../src/vm/fleet/waves.ts';

/** `hv1 web`: a VM there of that group, which is taken down; `+`: it is not; `-`: nothing is done with it. */
function vm(words: string): InTurn {
  const [host, group, mark] = words.split(' ');
  return {
    host,
    group: group === '.' ? undefined : group,
    isDone: mark !== '-',
    isDown: mark === undefined,
  };
}

describe('when the turn of each VM is', () => {
  it.each<[number, readonly string[], readonly (number | undefined)[]]>([
    [0, [], []],
    [0, ['hv1 .', 'hv1 . -', 'hv1 .'], [1, undefined, 1]],
    [0, ['hv1 web', 'hv2 web', 'hv1 db', 'hv3 web', 'hv1 db'], [1, 2, 1, 3, 2]],
    [0, ['hv1 web', 'hv1 web +', 'hv1 web -', 'hv1 web'], [1, 1, undefined, 2]],
    [1, ['hv1 . -', 'hv1 .', 'hv2 .', 'hv1 .', 'hv3 .', 'hv2 .'], [undefined, 1, 2, 2, 2, 3]],
    [1, ['hv1 . +', 'hv1 . +', 'hv1 . +'], [1, 2, 2]],
    [2, ['hv1 web', 'hv2 web', 'hv3 web', 'hv3 . +'], [1, 2, 3, 3]],
    [2, ['hv1 .', 'hv1 .', 'hv1 .', 'hv2 .'], [1, 2, 3, 3]],
    [9, ['hv1 .', 'hv2 .'], [1, 1]],
  ])('with %d canaries of %j', (canaries, vms, waves) => {
    expect(wavesOf(vms.map(vm), canaries)).toStrictEqual(waves);
  });
});
