import { describe, expect, it } from 'vitest';
import { agentWord, wordIn } from '../../../../src/vm/wait/agent-word.ts';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';

/** As cloud-init 22.4 writes it. */
const STAGE = { errors: [], finished: 1.5, start: 0.5 };
const RUNNING = {
  datasource: 'DataSourceNoCloud [seed=/dev/sr0][dsmode=net]',
  init: STAGE,
  'init-local': STAGE,
  'modules-config': { errors: [], finished: null, start: 3.1 },
  'modules-final': { errors: [], finished: null, start: null },
  stage: 'modules-config',
};
const DONE = { ...RUNNING, 'modules-config': STAGE, 'modules-final': STAGE, stage: null };
const FAILED = {
  ...DONE,
  'modules-final': {
    ...STAGE,
    errors: ["('scripts_user', RuntimeError('Runparts: 1 failures'))", 'odd\u001B'],
  },
};

const read = (v1: unknown): object => ({ 'buf-b64': Buffer.from(JSON.stringify({ v1 })).toString('base64') });

describe('what cloud-init has written down', () => {
  it.each([
    ['while it runs', read(RUNNING), { isFinished: false, complaints: [] }],
    ['when it is done', read(DONE), { isFinished: true, complaints: [] }],
    [
      'when modules failed',
      read(FAILED),
      {
        isFinished: true,
        complaints: [
          { module: 'scripts_user', text: "RuntimeError('Runparts: 1 failures')", isError: true },
          { module: 'modules-final', text: 'odd\uFFFD', isError: true },
        ],
      },
    ],
    ['in another form', { 'buf-b64': Buffer.from('{"v2": {}}').toString('base64') }, undefined],
    ['as no JSON', { 'buf-b64': 'AAAA' }, undefined],
    ['as nothing', {}, undefined],
    [
      'with stages that are none',
      read({ init: 7, 'modules-final': ['x'] }),
      { isFinished: false, complaints: [] },
    ],
    [
      'with a million errors',
      read({ init: { errors: Array(1e6).fill('x') } }),
      expect.objectContaining({ isFinished: false }),
    ],
  ])('%s', (_, answer, word) => {
    expect(wordIn(answer)).toEqual(word);
  });

  it('holds no more complaints than a person reads', () => {
    expect(wordIn(read({ init: { errors: Array(1e5).fill('x'.repeat(1000)) } }))?.complaints).toHaveLength(
      20,
    );
  });
});

async function domainOf(context: TestContext): Promise<Domain> {
  context.hypervisor.addDomain('web', '<domain><name>web</name></domain>', 'running');
  const domain = await context.hypervisor.findDomain('web');
  if (domain === undefined) throw new Error('there is a web');
  context.hypervisor.calls.length = 0;
  return domain;
}

describe('the agent', () => {
  it('opens, reads and closes one file', async () => {
    const context = testContext();
    const asked: unknown[] = [];
    context.hypervisor.askAgent = (command) => {
      asked.push(JSON.parse(command));
      const answers = [1007, read(DONE), {}];
      return JSON.stringify({ return: answers[asked.length - 1] });
    };
    expect(await agentWord(await domainOf(context))).toEqual({ isFinished: true, complaints: [] });
    expect(asked).toEqual([
      { execute: 'guest-file-open', arguments: { path: '/run/cloud-init/status.json', mode: 'r' } },
      { execute: 'guest-file-read', arguments: { handle: 1007, count: 65_536 } },
      { execute: 'guest-file-close', arguments: { handle: 1007 } },
    ]);
    expect(context.hypervisor.calls).toEqual(Array(3).fill('Domain.askAgent'));
  });

  it.each(['{"return": "x"}', 'no JSON', '{}'])('that answers %s says nothing', async (answer) => {
    const context = testContext();
    context.hypervisor.askAgent = () => answer;
    expect(await agentWord(await domainOf(context))).toBeUndefined();
    expect(context.hypervisor.calls).toHaveLength(1);
  });

  it('that may not read files says nothing, and a line that breaks is an error', async () => {
    const context = testContext();
    const domain = await domainOf(context);
    expect(await agentWord(domain)).toBeUndefined();
    context.hypervisor.fault = () => 'disconnected';
    await expect(agentWord(domain)).rejects.toMatchObject({ reason: 'disconnected' });
  });
});
