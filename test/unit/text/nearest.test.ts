import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/text/nearest.ts';

const COMMANDS = ['create', 'list', 'stop', 'start', 'show', 'ssh', 'scp'];

describe('a word that is not known', () => {
  it.each([
    ['sotp', 'stop'],
    ['crate', 'create'],
    ['craete', 'create'],
    ['lst', 'list'],
    ['lits', 'list'],
    ['satrt', 'start'],
    ['STOP', 'stop'],
  ])('%s was meant to be %s', (word, meant) => {
    expect(nearest(word, COMMANDS)).toBe(meant);
  });

  it.each(['', 'x', 'tops', 'frobnicate', 'sh'])('%s was not', (word) => {
    expect(nearest(word, COMMANDS.slice(0, 3))).toBeUndefined();
  });
});
