import { describe, expect, it } from 'vitest';
import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { failureLines } from '../../../../src/views/failure/text.ts';

function said(words: string): HypervisorError {
  return new HypervisorError(words, {
    reason: 'other',
    call: 'virDomainCreate',
    code: 1,
    domain: 10,
  });
}

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
      'the words of somebody else, without the call',
      new PlowError('operation', 'cannot', { detail: DETAIL, cause: said('no room') }),
      false,
      ['error: cannot', 'detail: no room'],
    ],
    [
      'their last line, what helps, and no word of the rest',
      new PlowError('operation', 'cannot', {
        hint: 'try',
        detail: DETAIL,
        cause: said('failed:\nno room\n'),
      }),
      false,
      ['error: cannot', 'detail: no room', 'hint: try'],
    ],
    [
      'their last line, and how to see the others',
      new PlowError('operation', 'cannot', { detail: DETAIL, cause: said('failed:\nno room') }),
      false,
      ['error: cannot', 'detail: no room', 'hint: --verbose shows all that libvirt said'],
    ],
    [
      'words once, where the message has them already',
      new PlowError('connection', 'cannot connect: no room', { detail: DETAIL, cause: said('no room') }),
      false,
      ['error: cannot connect: no room'],
    ],
    [
      'all of it where that is wanted',
      new PlowError('operation', 'cannot', { detail: DETAIL, hint: 'try', cause: said('no room') }),
      true,
      ['error: cannot', `detail: ${DETAIL}`, 'hint: try'],
    ],
    [
      'no password',
      new PlowError('operation', 'cannot', {
        detail: DETAIL,
        cause: said("qemu+tcp://me:abc@host/ -object secret,data=abc -vnc password='a b c',x=1"),
      }),
      false,
      ['error: cannot', 'detail: qemu+tcp://me:***@host/ -object secret,data=*** -vnc password=***,x=1'],
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
