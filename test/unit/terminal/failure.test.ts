import { describe, expect, it } from 'vitest';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { failureLines } from '../../../src/terminal/failure.ts';

const DETAIL = 'virDomainCreate: no room [code 1, domain 10]';

describe('the lines of a failure', () => {
  it.each<[string, PlowError, boolean, readonly string[]]>([
    ['a message alone', new PlowError('operation', 'cannot'), false, ['error: cannot']],
    [
      'several mistakes, a line each',
      new PlowError('validation', 'vm.yaml:1:1: name: bad\nvm.yaml:2:1: vcpus: bad'),
      false,
      ['error: vm.yaml:1:1: name: bad', 'error: vm.yaml:2:1: vcpus: bad'],
    ],
    ['a hint', new PlowError('operation', 'cannot', { hint: 'try' }), false, ['error: cannot', 'hint: try']],
    [
      'a detail that is not shown, and how to see it',
      new PlowError('operation', 'cannot', { detail: DETAIL }),
      false,
      ['error: cannot', 'hint: --verbose shows what libvirt said'],
    ],
    [
      'a hint that is better than that one',
      new PlowError('operation', 'cannot', { detail: DETAIL, hint: 'try' }),
      false,
      ['error: cannot', 'hint: try'],
    ],
    [
      'a detail that is wanted',
      new PlowError('operation', 'cannot', { detail: DETAIL, hint: 'try' }),
      true,
      ['error: cannot', 'hint: try', `detail: ${DETAIL}`],
    ],
    [
      'text that would move the cursor',
      new PlowError('storage', 'bad\u001b[2J', { detail: 'a\u0007\nb' }),
      true,
      ['error: bad\u{fffd}[2J', 'detail: a\u{fffd}', 'detail: b'],
    ],
  ])('are %s', (_, error, verbose, lines) => {
    expect(failureLines(error, verbose)).toStrictEqual(lines);
  });
});
