import { describe, expect, it } from 'vitest';
import { documentJsonSchema } from '../../../../src/documents/json-schemas.ts';
import { HypervisorError } from '../../../../src/errors/hypervisor-error.ts';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { errorText } from '../../../../src/views/failure/document.ts';
import { run } from '../../../run.ts';

const cause = new HypervisorError('no\u001b[2J room', {
  reason: 'other',
  call: 'virDomainCreate',
  code: 1,
  domain: 10,
});
const REFUSED = new PlowError('validation', 'vm.yaml:2:1: vcpus: bad\nno space', {
  mistakes: [{ file: 'vm.yaml', line: 2, column: 1, key: 'vcpus', message: 'bad' }, { message: 'no space' }],
});
const TEXTS = [
  errorText(REFUSED, 2),
  errorText(new PlowError('operation', 'cannot', { hint: 'try', detail: cause.describe(), cause }), 4),
  errorText(new Interrupted('SIGINT', 'all was taken back'), 130),
  errorText('this is a bug in plow\n  at x', 70),
];

describe('the document of a failure', () => {
  it('is one line that no terminal acts on', () => {
    for (const text of TEXTS) expect(text).toMatch(/^\{[^\p{Cc}]*\}$/u);
    expect(TEXTS[1]).toContain(String.raw`no\u001b[2J room`);
  });

  it('has what is wrong, where, and what helps', () => {
    expect(TEXTS.map((text): unknown => JSON.parse(text))).toStrictEqual([
      {
        version: 1,
        error: {
          kind: 'validation',
          message: 'vm.yaml:2:1: vcpus: bad\nno space',
          hint: null,
          detail: null,
          exit_code: 2,
          mistakes: [
            { file: 'vm.yaml', line: 2, column: 1, key: 'vcpus', message: 'bad' },
            { file: null, line: null, column: null, key: null, message: 'no space' },
          ],
        },
      },
      {
        version: 1,
        error: {
          kind: 'operation',
          message: 'cannot',
          hint: 'try',
          detail: 'virDomainCreate: no\u001b[2J room [code 1, domain 10]',
          exit_code: 4,
          mistakes: [],
        },
      },
      {
        version: 1,
        error: {
          kind: 'interrupted',
          message: 'interrupted by SIGINT: all was taken back',
          hint: null,
          detail: null,
          exit_code: 130,
          mistakes: [],
        },
      },
      {
        version: 1,
        error: {
          kind: 'bug',
          message: 'this is a bug in plow\n  at x',
          hint: null,
          detail: null,
          exit_code: 70,
          mistakes: [],
        },
      },
    ]);
  });

  it('keeps to its schema', async () => {
    const program = `
import json, sys
from jsonschema import Draft202012Validator
schema, documents = json.load(open(0))
print([error.message for one in documents for error in Draft202012Validator(schema).iter_errors(one)])`;
    const input = JSON.stringify([
      documentJsonSchema('error'),
      TEXTS.map((text): unknown => JSON.parse(text)),
    ]);
    expect(await run('/usr/bin/python3', ['-c', program], input)).toBe('[]\n');
  });
});
