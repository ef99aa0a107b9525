import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Room } from '../../../../src/cli/run/batch/room.ts';

const PATIENCE = { milliseconds: 10, most: 2 } as const;

/** Works that end when they are told to, in a room. */
function worksIn(room: Room, count: number): { readonly begun: number[]; readonly end: (() => void)[] } {
  const begun: number[] = [];
  const end: (() => void)[] = [];
  for (let index = 0; index < count; index += 1) {
    const over = new Promise<void>((resolve) => end.push(resolve));
    void room.with(() => {
      begun.push(index);
      return over;
    });
  }
  return { begun, end };
}

/** Long enough for whoever would leave a place. */
const patiently = (): Promise<void> => sleep(PATIENCE.milliseconds * 20);

it('has as many begin as there are places, and one more as each ends', async () => {
  const { begun, end } = worksIn(new Room(2), 4);
  await patiently();
  expect(begun).toEqual([0, 1]);
  end[1]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
});

it('has no more go on without a place than it may, and another as one of those ends', async () => {
  const { begun, end } = worksIn(new Room(1, PATIENCE), 9);
  // One inside, two outside.
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  await patiently();
  expect(begun).toEqual([0, 1, 2]);
  end[0]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  await patiently();
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('gives a place back once, also where its work ends while it waits for one outside', async () => {
  const { begun, end } = worksIn(new Room(1, PATIENCE), 9);
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  await patiently();
  end[2]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  end[0]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3, 4]);
  await patiently();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  for (const one of end) one();
  await expect.poll(() => begun.length).toBe(9);
});
