import { describe, expect, it } from 'vitest';
import { isPattern, patternOf } from '../../../src/text/pattern.ts';

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
  ])('%s and %j: %s', (pattern, name, matches) => {
    expect(patternOf(pattern).test(name)).toBe(matches);
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
