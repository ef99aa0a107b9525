import { describe, expect, it } from 'vitest';
import { isPattern, matcherOf } from '../../../src/text/pattern.ts';

describe('a pattern of names', () => {
  it.each([
    ['web-*', 'web-1', true],
    ['web-*', 'web-', true],
    ['web-*', 'my-web-1', false],
    ['web-?', 'web-1', true],
    ['web-?', 'web-12', false],
    ['a.b*', 'a.b1', true],
    ['a.b*', 'axb1', false],
    ['*', 'with\nnew line', true],
    ['[a]*', '[a]b', true],
    ['web', 'web', true],
    ['web', 'web2', false],
    ['*-web-*', 'my-web-web-1', true],
    ['*b', 'abab', true],
    ['*ab?', 'aababc', true],
    ['*ab?', 'aabab', false],
    ['**a**', 'a', true],
    ['a*', '', false],
    ['*', '', true],
    ['?', '', false],
    ['?', '\u{1F600}', true],
    ['??', '\u{1F600}', false],
    ['?', '*', true],
    ['', '', true],
    ['', 'web', false],
  ])('%s and %j: %s', (pattern, name, matches) => {
    expect(matcherOf(pattern)(name)).toBe(matches);
  });

  it('takes no time for one that could match in many ways', { timeout: 1000 }, () => {
    expect(matcherOf(`${'*a'.repeat(5)}*b`)('a'.repeat(100))).toBe(false);
  });

  it.each([
    ['web', false],
    ['web-*', true],
    ['web-?', true],
    ['[web]', false],
  ])('is %s: %s', (word, is) => {
    expect(isPattern(word)).toBe(is);
  });
});
