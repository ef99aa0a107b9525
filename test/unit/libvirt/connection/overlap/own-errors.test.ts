import { describe, expect, it } from 'vitest';
import { HypervisorError } from '../../../../../src/errors/hypervisor-error.ts';
import { OwnErrors } from '../../../../../src/libvirt/connection/overlap/own-errors.ts';

/** Calls on a connection, whose errors are all kept in one place. */
function connection(): {
  readonly begin: (name: string) => {
    readonly end: (fails: boolean) => void;
    readonly told: Promise<string>;
  };
  readonly write: (name: string) => void;
  /** Of a guest, as nobody waits for it any more. @returns what ends it */
  readonly beginLate: () => () => void;
} {
  const errors = new OwnErrors();
  let place: string | undefined;
  const read = (): HypervisorError => {
    const message = place ?? 'nothing';
    const code = place === undefined ? 0 : 1;
    place = undefined;
    return new HypervisorError(message, { reason: 'other', call: 'virCall', code, domain: 0 });
  };
  return {
    beginLate: () => {
      const call = deferred<number>();
      void errors.ofGuest(() => call.promise);
      return () => call.resolve(-1);
    },
    write: (name) => (place = name),
    begin: () => {
      const call = deferred<number>();
      const end = (fails: boolean): void => call.resolve(fails ? -1 : 0);
      const told = errors
        .ofCall(() => call.promise, read)
        .then(async ({ error }) => {
          if (error === undefined) return 'works';
          return (await error.isOwn) ? `own: ${error.error.message}` : 'doubtful';
        });
      return { end, told };
    },
  };
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const ends: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => ends.push(resolve));
  return { promise, resolve: (value) => ends[0]?.(value) };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('the error of a call', () => {
  it('is its own where it is alone, or others beside it work', async () => {
    const { begin, write } = connection();
    const [a, b] = [begin('a'), begin('b')];
    write('a');
    a.end(true);
    await turn();
    b.end(false);
    expect(await Promise.all([a.told, b.told])).toStrictEqual(['own: a', 'works']);
  });

  it('is doubtful while a guest has not answered, and is not waited for', async () => {
    const { begin, write, beginLate } = connection();
    const end = beginLate();
    const one = begin('a');
    write('a');
    one.end(true);
    expect(await one.told).toBe('doubtful');
    end();
    await turn();
    const other = begin('b');
    write('b');
    other.end(true);
    expect(await other.told).toBe('own: b');
  });

  it('is its own where each reads what it wrote', async () => {
    const { begin, write } = connection();
    const [a, b] = [begin('a'), begin('b')];
    write('a');
    a.end(true);
    await turn();
    write('b');
    b.end(true);
    expect(await Promise.all([a.told, b.told])).toStrictEqual(['own: a', 'own: b']);
  });

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('is doubtful where another wrote before it was read: %s and then %s', async (first, second) => {
    const { begin, write } = connection();
    const [a, b] = [begin('a'), begin('b')];
    write(first);
    write(second);
    a.end(true);
    await turn();
    b.end(true);
    expect(await Promise.all([a.told, b.told])).toStrictEqual(['doubtful', 'doubtful']);
  });

  it('is doubtful where nothing was found', async () => {
    const { begin } = connection();
    const a = begin('a');
    a.end(true);
    expect(await a.told).toBe('doubtful');
  });

  it('is doubtful where a batch beside it has failed', async () => {
    const errors = new OwnErrors();
    const answers = deferred<readonly unknown[]>();
    const batch = errors.ofBatch(() => answers.promise);
    const failure = new HypervisorError('of whom?', { reason: 'other', call: 'virCall', code: 1, domain: 0 });
    const { error } = await errors.ofCall(
      async () => null,
      () => failure,
    );
    answers.resolve([0, -1]);
    await batch;
    expect(await error?.isOwn).toBe(false);
  });
});
