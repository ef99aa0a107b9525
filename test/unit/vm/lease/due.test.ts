import { describe, expect, it } from 'vitest';
import { NO_END } from '../../../../src/libvirt-xml/metadata/end.ts';
import { whatIsDue } from '../../../../src/vm/lease/due.ts';
import type { MortalVm } from '../../../../src/vm/lease/due.ts';

const NOW = new Date('2026-11-27T12:00:00.000Z');
const PAST = '2026-11-27T12:00:00.000Z';
const FUTURE = '2026-11-27T12:00:00.001Z';
const UNDO = { ran: true, autostart: true };

function vm(changes: Partial<MortalVm>): MortalVm {
  return { name: 'web', uuid: 'u', active: true, isProtected: false, isOwn: true, end: NO_END, ...changes };
}

describe('what is due', () => {
  it.each<[string, Partial<MortalVm>]>([
    ['a VM that does not expire', {}],
    ['one whose lease lasts', { end: { ...NO_END, expires: FUTURE } }],
    ['one that plow has not made, whatever it says', { isOwn: false, end: { ...NO_END, expires: PAST } }],
    [
      'one that can be brought back',
      { active: false, end: { expires: PAST, undo: { ...UNDO, until: FUTURE } } },
    ],
    [
      'one of which nobody can tell until when',
      { active: false, end: { ...NO_END, undo: { ...UNDO, until: undefined } } },
    ],
  ])('is not %s', (_, changes) => {
    expect(whatIsDue([vm(changes)], NOW)).toStrictEqual([]);
  });

  it.each<[string, Partial<MortalVm>, object]>([
    ['a lease that has ended', { end: { ...NO_END, expires: PAST } }, { what: 'lease', kept: undefined }],
    [
      'a lease that has ended, of one that is protected',
      { isProtected: true, end: { ...NO_END, expires: PAST } },
      { what: 'lease', kept: 'it is protected' },
    ],
    [
      'a lease that has ended, of one whose end was killed half way',
      { end: { expires: PAST, undo: { ...UNDO, until: FUTURE } } },
      { what: 'lease', kept: undefined },
    ],
    [
      'an undo window that has ended, also of a VM of others',
      { isOwn: false, active: false, end: { ...NO_END, undo: { ...UNDO, until: PAST } } },
      { what: 'undo', kept: undefined },
    ],
    [
      'one of a VM that is protected meanwhile',
      { isProtected: true, active: false, end: { ...NO_END, undo: { ...UNDO, until: PAST } } },
      { what: 'undo', kept: 'it is protected' },
    ],
    [
      'one of a VM that somebody started',
      { end: { ...NO_END, undo: { ...UNDO, until: PAST } } },
      { what: 'undo', kept: 'it was destroyed, and runs' },
    ],
  ])('is %s', (_, changes, due) => {
    expect(whatIsDue([vm(changes)], NOW)).toStrictEqual([{ name: 'web', uuid: 'u', since: PAST, ...due }]);
  });
});
