import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../src/hypervisor/reach.ts';
import { answerWords, brokenByCloudInit, brokenProof, refusedProof } from '../../../../src/vm/gate/judge.ts';

const MAC = 'be:ef:0a:00:00:fa';
const expected = { address: '10.0.0.250', macs: [MAC], hostKeys: ['ssh-ed25519 AAAA'] };
const answer = (changes: Partial<Answer>): Answer => ({
  port22: 'silent',
  hostKeys: undefined,
  neighbour: undefined,
  ...changes,
});
const OTHER = answer({ port22: 'ssh', hostKeys: ['ssh-ed25519 BBBB'], neighbour: MAC });

describe('a guest that does not answer to ssh', () => {
  it.each([
    ['no-seed', 'system', answer({}), 'seed'],
    ['cloud-init-errors', 'done', answer({ port22: 'refused' }), 'seed'],
    ['network-refused', 'cloud-init', answer({}), 'address'],
    ['address-taken', 'running', answer({}), 'address'],
    ['nothing-to-boot', 'firmware', answer({}), 'seed'],
    ['stuck', 'system', answer({}), 'seed'],
    ['stopped', 'cloud-init', answer({}), 'seed'],
    ['stopped', 'address', answer({}), 'ssh'],
    ['timeout', 'running', answer({}), 'seed'],
    ['timeout', 'system', answer({}), 'seed'],
    ['timeout', 'cloud-init', answer({}), 'address'],
    ['timeout', 'done', answer({ port22: 'unreachable' }), 'address'],
    ['timeout', 'done', answer({ port22: 'refused', neighbour: MAC }), 'ssh'],
    ['timeout', 'running', answer({ port22: 'refused' }), 'ssh'],
    ['timeout', 'address', answer({ neighbour: MAC }), 'ssh'],
    ['timeout', 'address', answer({ port22: 'other', neighbour: MAC }), 'ssh'],
    ['timeout', 'done', answer({ port22: 'ssh', neighbour: '52:54:00:00:00:01' }), 'address'],
    ['timeout', 'system', OTHER, 'seed'],
  ] as const)('with %s at %s, on the hypervisor', (verdict, step, seen, proof) => {
    const ended = { verdict, step, lastLines: ['a line'] };
    expect(brokenProof(ended, { answer: seen, expected, isLocal: true })).toBe(proof);
  });

  it.each([
    ['timeout', 'running', answer({}), [], 'unknown'],
    ['timeout', 'done', answer({}), ['a line'], 'unknown'],
    ['timeout', 'running', answer({}), ['a line'], 'unknown'],
    ['timeout', 'kernel', answer({}), ['a line'], 'seed'],
    ['timeout', 'done', answer({ port22: 'refused' }), [], 'ssh'],
    ['timeout', 'done', OTHER, [], 'seed'],
    ['no-seed', 'system', answer({}), [], 'seed'],
  ] as const)('with %s at %s, from afar', (verdict, step, seen, lastLines, proof) => {
    expect(brokenProof({ verdict, step, lastLines }, { answer: seen, expected, isLocal: false })).toBe(proof);
  });

  it.each([
    [answer({ port22: 'refused' }), '; 10.0.0.250 refuses connections to TCP port 22'],
    [answer({ port22: 'other' }), '; what answers at TCP port 22 of 10.0.0.250 is no ssh'],
    [OTHER, '; ssh answers at 10.0.0.250 with other host keys than those of its seed'],
    [answer({}), ''],
    [undefined, ''],
  ])('of %j it is said who is there in its place', (seen, words) => {
    expect(answerWords({ answer: seen, expected, isLocal: true })).toBe(words);
  });
});

it.each([
  [{ kind: 'refused', words: 'root@10.0.0.250: Permission denied (publickey).' }, 'ssh'],
  [{ kind: 'refused', words: 'No host key is known\r\nHost key verification failed.\r\n' }, 'seed'],
  [{ kind: 'silent' }, 'ssh'],
] as const)('%j is a proof less', (login, proof) => {
  expect(refusedProof(login)).toBe(proof);
});

it.each([
  ['cloud-init-errors', true, 'seed'],
  ['timeout', true, undefined],
  ['no-console', false, undefined],
  ['stopped', true, 'shutdown'],
  ['crashed', false, 'ssh'],
] as const)('%s while cloud-init ends (the key was let in: %s)', (verdict, isIn, proof) => {
  expect(brokenByCloudInit(verdict, isIn)).toBe(proof);
});
