import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { untilAnswered } from '../../../src/libvirt/dialog.ts';
import type { Person } from '../../../src/libvirt/dialog.ts';

const URI = 'qemu:///system';
const TOLD = 'waiting for libvirt at qemu:///system: a dialog may ask for a password';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function at(desktop: Readonly<Record<string, string>>, userId = 1000): Person & { readonly told: string[] } {
  const told: string[] = [];
  return { userId, variables: desktop, tell: (words) => void told.push(words), told };
}

/** After how many seconds an open that never ends is given up. */
async function givenUpAfter(uri: string, person: Person | undefined): Promise<number> {
  const begun = Date.now();
  const failing = untilAnswered(uri, new Promise<never>(() => {}), person).catch(() => Date.now());
  await vi.advanceTimersByTimeAsync(1_000_000);
  return ((await failing) - begun) / 1000;
}

describe('an open that gets no answer', () => {
  it.each([{ DISPLAY: ':0' }, { WAYLAND_DISPLAY: 'wayland-0' }])(
    'has two minutes with %j',
    async (desktop) => {
      const person = at(desktop);
      expect(await givenUpAfter(URI, person)).toBe(120);
      expect(person.told).toEqual([TOLD]);
    },
  );

  it.each<[string, string, Person | undefined]>([
    ['without a desktop', URI, at({})],
    ['with an empty word for one', URI, at({ DISPLAY: '' })],
    ['of root', URI, at({ DISPLAY: ':0' }, 0)],
    ['of nobody', URI, undefined],
    ['on another machine', 'qemu+tcp://h1/system', at({ DISPLAY: ':0' })],
    ['of a session', 'qemu:///session', at({ DISPLAY: ':0' })],
  ])('has ten seconds %s', async (_, uri, person) => {
    expect(await givenUpAfter(uri, person)).toBe(10);
    expect((person as ReturnType<typeof at> | undefined)?.told ?? []).toEqual([]);
  });
});

describe('an open that is answered', () => {
  it.each([
    [1, []],
    [60, [TOLD]],
  ] as const)('after %d seconds tells %j', async (seconds, told) => {
    const person = at({ DISPLAY: ':0' });
    const opening = new Promise<string>((resolve) => setTimeout(resolve, seconds * 1000, 'open'));
    const waiting = untilAnswered(URI, opening, person);
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    expect(await waiting).toBe('open');
    expect(person.told).toEqual(told);
  });

  it('with a failure gives it on, also while a dialog is up', async () => {
    const opening = new Promise<never>((_, reject) => setTimeout(reject, 5000, new Error('closed')));
    const waiting = untilAnswered(URI, opening, at({ DISPLAY: ':0' })).catch(String);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await waiting).toBe('Error: closed');
  });
});
