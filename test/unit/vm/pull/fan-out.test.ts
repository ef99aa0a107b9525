import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../../../src/vm/interruption.ts';
import { FanOut } from '../../../../src/vm/pull/fan-out.ts';
import { thrownBy } from '../each-call.ts';

/** Numbers from 0 on, and how many were asked for. */
function numbers(count: number, breaksAt = Infinity): { given: number; all: AsyncGenerator<number, void> } {
  const told = { given: 0, all: all() };
  async function* all(): AsyncGenerator<number, void> {
    for (; told.given < count;) {
      if (told.given === breaksAt) throw new Error('broke');
      told.given += 1;
      yield told.given - 1;
    }
  }
  return told;
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function take(pieces: AsyncIterable<number>): Promise<void> {
  for await (const piece of pieces) expect(piece).toBeLessThan(2);
}

describe('pieces of one stream', () => {
  it('go to all takers, each in its order', async () => {
    const window = new FanOut(numbers(5).all, 3);
    const took: number[][] = [[], [], []];
    await Promise.all(
      took.map((own) =>
        window.feed(async (pieces) => {
          for await (const piece of pieces) own.push(piece);
        }),
      ),
    );
    expect(took).toStrictEqual([0, 1, 2].map(() => [0, 1, 2, 3, 4]));
  });

  it('are asked for when the slowest has taken the one before', async () => {
    const source = numbers(100);
    const window = new FanOut(source.all, 2);
    const holding = new AbortController();
    const held = untilAborted(holding.signal);
    const fast = window.feed(async (pieces) => {
      for await (const piece of pieces) expect(piece).toBeLessThan(100);
    });
    const slow = window.feed(async (pieces) => {
      for await (const piece of pieces) if (piece === 3) await held;
    });
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(source.given).toBe(4);
    holding.abort();
    await Promise.all([fast, slow]);
    expect(source.given).toBe(100);
  });

  it('go on to the others when one fails, before it has asked or later', async () => {
    const window = new FanOut(numbers(5).all, 3);
    const took: number[] = [];
    const ended = await Promise.allSettled([
      window.feed(async () => {
        throw new Error('early');
      }),
      window.feed(async (pieces) => {
        for await (const piece of pieces) if (piece === 2) throw new Error('late');
      }),
      window.feed(async (pieces) => {
        for await (const piece of pieces) took.push(piece);
      }),
    ]);
    expect(ended.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected', 'fulfilled']);
    expect(took).toStrictEqual([0, 1, 2, 3, 4]);
  });

  it('end with the error of the stream for all', async () => {
    const window = new FanOut(numbers(5, 2).all, 2);
    const errors = await Promise.all([thrownBy(window.feed(take)), thrownBy(window.feed(take))]);
    expect(errors[0]).toBeInstanceOf(Error);
    expect(errors[1]).toBe(errors[0]);
  });

  it('end at once where that is said, though another one hangs', async () => {
    const window = new FanOut(numbers(5).all, 2);
    const hanging = window.feed(() => new Promise(() => {}));
    hanging.catch(() => undefined);
    const waiting = thrownBy(
      window.feed(async (pieces) => {
        for await (const piece of pieces) expect(piece).toBe(-1);
      }),
    );
    await turn();
    const stop = new Error('stop');
    window.break(stop);
    expect(await waiting).toBe(stop);
  });
});
