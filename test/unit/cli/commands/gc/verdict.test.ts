import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../../../src/cli/commands/gc/verdict.ts';
import { PlowError } from '../../../../../src/errors/plow-error.ts';

const failed = new PlowError('operation', 'there is a VM again');
const lost = new PlowError('connection', 'gone');

describe('what gc ends with', () => {
  it.each([
    ['success', 3, [], [], undefined, undefined],
    ['the error of one thing', 1, [failed], [], 4, 'there is a VM again'],
    ['an error of several', 3, [failed], [], 4, '1 of 3 things could not be removed'],
    ['a storage error for what is left', 1, [], ['/a'], 5, '/a was removed only in part'],
    ['the same of several', 3, [], ['/a', '/b'], 5, '2 of 3 things were removed only in part'],
    ['both', 3, [failed], ['/a'], 5, '1 of 3 things could not be removed, and 1 only in part'],
    ['a lost connection', 3, [lost], ['/a'], 3, 'gone'],
  ])('is %s', (_, count, errors, inPart, code, message) => {
    const verdict = verdictOf(count, errors, inPart);
    expect([verdict?.exitCode, verdict?.message]).toStrictEqual([code, message]);
  });
});
