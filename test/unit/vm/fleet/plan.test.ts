import { describe, expect, it } from 'vitest';
import type { Change } from '../../../../src/vm/fleet/change.ts';
import type { VmDiff } from '../../../../src/vm/fleet/diff-vm.ts';
import { isDisturbed, leftIn, planVm, whatsOf } from '../../../../src/vm/fleet/plan.ts';
import type { Allowed } from '../../../../src/vm/fleet/plan.ts';
import { STANDINGS } from '../../../../src/vm/fleet/words.ts';

const NOTHING: Allowed = { reboot: false, reseed: false, rebuild: false, overwrite: false };

function change(what: string, some: Partial<Change> = {}): Change {
  const sides = { file: 2, made: 1, stored: 1, live: 1 };
  return { what, ...sides, verdict: 'live', cause: 'file', isPending: false, ...some };
}

function different(...changes: readonly Change[]): VmDiff {
  return { name: 'web', uuid: 'u', standing: 'different', changes, settled: [], unread: undefined };
}

/** `tags now`. */
function fates(diff: VmDiff, allowed: Partial<Allowed> = {}): readonly string[] {
  const { changes } = planVm(diff, { ...NOTHING, ...allowed });
  return changes.map((one) => `${one.change.what}: ${one.fate}`);
}

const ONE_OF_EACH = different(
  change('tags'),
  change('vcpus', { verdict: 'reboot' }),
  change('guest users', { verdict: 'reseed' }),
  change('image', { verdict: 'rebuild' }),
  change('disk vdb size_bytes', { verdict: 'refused' }),
);

describe('a plan', () => {
  it.each(STANDINGS)('of a VM that is %s', (standing) => {
    const { action } = planVm({ ...different(), standing }, NOTHING);
    const actions = { same: 'none', different: 'none', absent: 'create' } as const;
    expect(action).toBe(standing in actions ? actions[standing as keyof typeof actions] : 'refused');
  });

  it('does what no guest notices, stores what waits for a start, and leaves the rest', () => {
    expect(fates(ONE_OF_EACH)).toStrictEqual([
      'tags: now',
      'vcpus: stored',
      'guest users: needs reseed',
      'image: needs rebuild',
      'disk vdb size_bytes: refused',
    ]);
    expect(isDisturbed(planVm(ONE_OF_EACH, NOTHING))).toBe(false);
    expect(leftIn(planVm(ONE_OF_EACH, NOTHING)).map((one) => one.change.what)).toStrictEqual([
      'disk vdb size_bytes',
    ]);
  });

  it('does what is allowed, and what waits for a start with it', () => {
    const waiting = different(
      change('memory_kib', { verdict: 'reboot', isPending: true }),
      change('vcpus', { verdict: 'reboot' }),
      change('guest users', { verdict: 'reseed' }),
    );
    expect(fates(waiting)).toStrictEqual(['memory_kib: waits', 'vcpus: stored', 'guest users: needs reseed']);
    expect(fates(waiting, { reboot: true })).toStrictEqual([
      'memory_kib: restart',
      'vcpus: restart',
      'guest users: needs reseed',
    ]);
    expect(fates(waiting, { reseed: true })).toStrictEqual([
      'memory_kib: restart',
      'vcpus: restart',
      'guest users: reseed',
    ]);
  });

  it.each(['vm', 'both'] as const)(
    'leaves what was changed by hand (%s), unless it is told otherwise',
    (cause) => {
      const byHand = different(change('vcpus', { verdict: 'reboot', cause }), change('tags', { cause }));
      expect(fates(byHand)).toStrictEqual(['vcpus: changed by hand', 'tags: changed by hand']);
      expect(planVm(byHand, NOTHING).action).toBe('none');
      expect(fates(byHand, { overwrite: true })).toStrictEqual(['vcpus: stored', 'tags: now']);
    },
  );

  it('refuses what is refused, whoever changed it', () => {
    const byHand = different(change('disk vdb', { verdict: 'refused', cause: 'vm' }));
    expect(fates(byHand, { overwrite: true, reboot: true, reseed: true, rebuild: true })).toStrictEqual([
      'disk vdb: refused',
    ]);
  });

  it('has nothing to do with a VM that only waits for its start, or whose record is all that differs', () => {
    const waits = different(change('vcpus', { verdict: 'reboot', isPending: true, cause: 'vm' }));
    expect(planVm(waits, NOTHING).action).toBe('none');
    expect(planVm({ ...different(), standing: 'same', settled: ['vcpus'] }, NOTHING).action).toBe('change');
  });

  it('sets a guest up anew with a new disk, and keeps what a VM was made with', () => {
    const image = change('image', { verdict: 'rebuild' });
    const both = different(image, change('guest users', { verdict: 'reseed' }));
    expect(fates(both, { rebuild: true })).toStrictEqual(['image: rebuild', 'guest users: rebuild']);
    const firmware = different(change('firmware', { verdict: 'rebuild' }));
    expect(fates(firmware, { rebuild: true })).toStrictEqual(['firmware: refused']);
  });

  it('names what has some fates', () => {
    expect(whatsOf(planVm(ONE_OF_EACH, NOTHING), 'now', 'stored')).toStrictEqual(['tags', 'vcpus']);
  });
});
