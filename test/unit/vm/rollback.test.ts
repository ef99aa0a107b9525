import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/errors/interrupted.ts';
import { failure } from './fake/pieces.ts';
import { withRollback } from '../../../src/vm/rollback.ts';

describe('a rollback', () => {
  it('does nothing after success', async () => {
    const undone: string[] = [];
    const result = await withRollback(
      async (onFailure) => {
        onFailure('thing', async () => void undone.push('thing'));
        return 42;
      },
      async () => void undone.push('failed'),
    );
    expect([result, undone]).toStrictEqual([42, []]);
  });

  it('takes back newest first, goes on after an undo that fails and reports it, and throws the first error', async () => {
    const events: string[] = [];
    const undo = (name: string) => async (): Promise<void> => {
      await Promise.resolve();
      events.push(`undo ${name}`);
    };
    const work = withRollback(
      async (onFailure) => {
        onFailure('domain', async (clean) => undo(`domain, clean: ${clean}`)());
        onFailure('pool', async () => {
          await undo('pool')();
          throw new Error('the pool stays');
        });
        onFailure('disk', async () => {
          throw failure('delete', 'not-found');
        });
        onFailure('volume', async (clean) => undo(`volume, clean: ${clean}`)());
        throw new Error('first');
      },
      async (left) => void events.push(`left: ${left.join()}`),
    );
    await expect(work).rejects.toThrow(/^first$/u);
    expect(events).toStrictEqual([
      'undo volume, clean: true',
      'undo pool',
      'undo domain, clean: false',
      'left: pool',
    ]);
  });

  it('takes back nothing that was not made', async () => {
    const undone: string[] = [];
    const work = withRollback(
      async (onFailure) => {
        onFailure('one', async () => void undone.push('one'));
        await Promise.reject(new Error('while making two'));
        onFailure('two', async () => void undone.push('two'));
      },
      async () => {},
    );
    await expect(work).rejects.toThrow('while making two');
    expect(undone).toStrictEqual(['one']);
  });

  it.each<[string, readonly string[], string]>([
    ['nothing', [], 'nothing was made'],
    ['what can be removed', ['disk'], 'all was taken back'],
    ['what stays', ['disk', 'stays'], 'not all could be taken back'],
  ])('of an interruption says at the end what became of %s', async (_, made, outcome) => {
    const work = withRollback(
      async (onFailure) => {
        for (const what of made)
          onFailure(what, async () => {
            if (what === 'stays') throw new Error('in use');
          });
        throw new Interrupted('SIGINT');
      },
      async () => {},
    );
    await expect(work).rejects.toMatchObject({ message: `interrupted by SIGINT: ${outcome}`, exitCode: 130 });
  });
});
