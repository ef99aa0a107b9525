import { expect, it } from 'vitest';
import { Turns } from '../../../../../src/libvirt/connection/overlap/turns.ts';

/** Work that says when it begins and ends, and lasts until it is told to end. */
function works(): {
  readonly said: string[];
  readonly work: (name: string) => () => Promise<void>;
  readonly end: (name: string, error?: Error) => Promise<void>;
} {
  const said: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => (): Promise<void> => {
    said.push(`begin ${name}`);
    return new Promise((resolve, reject) => {
      ends.set(name, (error) => (error === undefined ? resolve() : reject(error)));
    });
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    await settled();
    ends.get(name)?.(error);
    said.push(`end ${name}`);
    await settled();
  };
  return { said, work, end };
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

it('what overlaps begins at once, and what is alone waits for all before it, and all after for that', async () => {
  const turns = new Turns();
  const { said, work, end } = works();
  const all = [turns.beside(work('a')), turns.beside(work('b')), turns.alone(work('c'))];
  all.push(turns.beside(work('d')));
  await end('b');
  await end('a');
  await end('c');
  await end('d');
  await Promise.all(all);
  expect(said).toStrictEqual([
    'begin a',
    'begin b',
    'end b',
    'end a',
    'begin c',
    'end c',
    'begin d',
    'end d',
  ]);
});

it("what fails is in nobody else's way, alone or not", async () => {
  const turns = new Turns();
  const { said, work, end } = works();
  const failing = [turns.alone(work('a')), turns.beside(work('b'))].map((one) => one.catch(String));
  const last = turns.alone(work('c'));
  await end('a', new Error('of a'));
  await end('b', new Error('of b'));
  await end('c');
  await last;
  expect(await Promise.all(failing)).toStrictEqual(['Error: of a', 'Error: of b']);
  expect(said).toStrictEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
});

it('has ended when all that was asked for has', async () => {
  const turns = new Turns();
  const { said, work, end } = works();
  void turns.alone(work('a'));
  void turns.beside(work('b'));
  const ended = turns.ended().then(() => said.push('all'));
  await end('a');
  await end('b');
  await ended;
  expect(said.at(-1)).toBe('all');
});
