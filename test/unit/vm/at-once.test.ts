import { expect, it } from 'vitest';
import { allOf, endingWith } from '../../../src/vm/at-once.ts';

function later<T>(milliseconds: number, end: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => {
      try {
        resolve(end());
      } catch (error) {
        reject(error);
      }
    }, milliseconds);
  });
}

function fail(message: string): never {
  throw new Error(message);
}

it('all of several works end before any of their errors is told, of which the first by their order counts', async () => {
  const ended: string[] = [];
  const works = [
    later(20, () => ended.push('slow')),
    later(10, () => fail('the first')),
    later(1, () => fail('the second')),
  ];
  await expect(allOf(works)).rejects.toThrow('the first');
  expect(ended).toStrictEqual(['slow']);
});

it('all of several works give what each gives', async () => {
  expect(await allOf([Promise.resolve(1), Promise.resolve('two')])).toStrictEqual([1, 'two']);
});

it.each([
  ['works', () => 'done', 'done'],
  ['fails', () => fail('of the work'), 'Error: of the work'],
])('a work that %s is told no sooner than the other has ended, which may fail', async (_, end, told) => {
  const ended: string[] = [];
  const other = later(20, () => {
    ended.push('other');
    return fail('of the other');
  });
  expect(await endingWith(other, later(1, end)).catch(String)).toBe(told);
  expect(ended).toStrictEqual(['other']);
});
