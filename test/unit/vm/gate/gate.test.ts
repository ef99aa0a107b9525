import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { Verdict } from '../../../../src/errors/verdict.ts';
import { gateImage } from '../../../../src/vm/gate/gate-image.ts';
import type { GatedImage } from '../../../../src/vm/gate/gate-image.ts';
import type { GateTools, GateWish } from '../../../../src/vm/gate/wish.ts';
import { readRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import { whileTimePasses } from '../../time.ts';
import type { TestContext } from '../context.ts';
import { eachCall } from '../each-call.ts';
import { PATH } from '../pull/pulled.ts';
import { gatedHost, LABEL, NAME, tools, WISH } from './gated.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.restoreAllMocks().useRealTimers());

/** Whoever waits is on the hypervisor, and may look at none of its files. */
const LOCAL: LocalFacts = {
  exists: async () => true,
  read: async () => undefined,
  look: async () => 'EACCES',
  names: async () => undefined,
  output: async () => undefined,
};

function gate(
  context: TestContext,
  wish: Partial<GateWish> = {},
  with_: GateTools = tools(),
): Promise<GatedImage> {
  return whileTimePasses(gateImage('debian', { ...WISH, ...wish }, with_, context));
}

function recordOf({ hypervisor }: TestContext): ImageRecord | undefined {
  return readRecord(hypervisor.contents.get(`${PATH}.plow.json`) ?? new Uint8Array());
}

function vms({ hypervisor }: TestContext): readonly string[] {
  return [...hypervisor.domains.keys()];
}

/** A guest that is deaf to its power button. */
function deaf(context: TestContext): TestContext {
  const { hypervisor } = context;
  const { fault } = hypervisor;
  hypervisor.fault = (call, at) => {
    const [vm] = hypervisor.domains.values();
    if (call === 'Domain.state' && vm?.state === 'shut off' && hypervisor.calls.includes('Domain.shutdown'))
      vm.state = 'running';
    return fault(call, at);
  };
  return context;
}

describe('an image that makes the four proofs', () => {
  it('passes, which stays in its record with the time of its boot, and nothing else stays', async () => {
    const context = gatedHost();
    const before = Object.keys(context.hypervisor.directories);
    const gated = await gate(context);
    expect(gated).toMatchObject({
      path: PATH,
      failure: undefined,
      gate: { result: 'passed', proof: null, plow: '0.1.0', at: '2025-01-02T03:04:05.000Z' },
    });
    expect(gated.gate.bootSeconds).toBeGreaterThanOrEqual(0);
    expect(recordOf(context)).toMatchObject({ name: 'debian', status: 'ready', gate: gated.gate });
    expect(vms(context)).toEqual([]);
    expect(Object.keys(context.hypervisor.directories)).toEqual(before);
    expect(context.progress.lines).toEqual([
      `done: VM '${NAME}' started, of ${LABEL}`,
      // Its console says so from the first look on.
      `done: VM '${NAME}' is done with cloud-init`,
      `done: VM '${NAME}' answers to ssh`,
      `done: VM '${NAME}' has read its seed, answers at 10.0.0.250 and lets the key in: 0 s from its start`,
      `done: VM '${NAME}' is done with cloud-init`,
      `done: VM '${NAME}' is shut down by its power button, in 0 s`,
      `done: VM '${NAME}' removed`,
      `done: ${LABEL} passed the gate: it boots in 0 s`,
    ]);
  });

  it('is booted by a VM that expires, does not start with the host, and has what the image needs', async () => {
    const context = gatedHost();
    const needs = { firmware: 'uefi', seedBus: 'virtio', provisioning: 'cloud-init' } as const;
    await gate(context, { needs: () => needs, isKept: true });
    const { xml = '', autostart, state } = context.hypervisor.domains.get(NAME) ?? {};
    expect({ autostart, state }).toEqual({ autostart: false, state: 'shut off' });
    expect(xml).toContain('expires="2025-01-02T04:05:05.000Z"');
    expect(xml).toContain('firmware="efi"');
    expect(xml).toContain('"tags":["plow-gate"]');
    expect(xml).not.toContain('PRIVATE KEY');
    expect(context.progress.lines).toContain(
      `note: VM '${NAME}' is kept: plow destroy ${NAME} removes it, plow gc from 61 minutes after its start on`,
    );
  });

  it('may let the key in a little after ssh answers', async () => {
    const keys = tools({ kind: 'refused', words: 'Permission denied' }, { kind: 'silent' }, { kind: 'in' });
    const gated = await gate(gatedHost(), {}, keys);
    expect(gated.failure).toBeUndefined();
    expect(gated.gate.bootSeconds).toBeGreaterThanOrEqual(4);
    expect(new Set(keys.keys).size).toBe(1);
    expect(keys.keys).toHaveLength(3);
  });

  it('need not say on its console that cloud-init is done', async () => {
    const context = gatedHost({}, '');
    expect((await gate(context)).failure).toBeUndefined();
    expect(context.progress.lines.join('\n')).toContain('note: whether cloud-init is done could not be told');
  });
});

describe('an image that fails', () => {
  const denied = { kind: 'refused', words: 'root@10.0.0.250: Permission denied (publickey).\r\n' } as const;
  const other = { kind: 'refused', words: 'Host key verification failed.' } as const;

  it.each([
    ['seed', 'its guest reads its seed', {}, 'Used fallback datasource\r\n', tools(other)],
    ['address', 'its static address answers', { port22: 'silent' }, undefined, tools()],
    ['ssh', 'ssh lets the key in', { port22: 'refused' }, undefined, tools()],
    ['ssh', 'ssh lets the key in', {}, undefined, tools(denied)],
  ] as const)('at %s says so, and why', async (proof, words, answer, console, with_) => {
    const context = gatedHost({}, console);
    const { hypervisor } = context;
    const { fault } = hypervisor;
    hypervisor.fault = (call, at) => {
      if (call === 'Domain.start') hypervisor.local = LOCAL;
      return fault(call, at);
    };
    hypervisor.answer = { ...hypervisor.answer, ...answer };
    const { failure, gate: found, record } = await gate(context, {}, with_);
    expect(failure).toBeInstanceOf(Verdict);
    expect(failure).toMatchObject({ kind: 'operation', condition: 'gate', verdict: proof });
    expect(failure?.message).toContain(`${LABEL} did not pass the gate: it is not proven that ${words}\n`);
    expect(found).toMatchObject({ result: 'failed', proof, bootSeconds: null });
    expect(recordOf(context)?.gate).toEqual(found);
    expect(record.gate).toEqual(found);
    expect(vms(context)).toEqual([]);
  });

  it('at its power button keeps the time of its boot', async () => {
    const context = deaf(gatedHost());
    const { failure, gate: found } = await gate(context);
    expect(failure?.message).toContain('did not shut down within 120 seconds');
    expect(found).toMatchObject({ result: 'failed', proof: 'shutdown', bootSeconds: 0 });
    expect(vms(context)).toEqual([]);
  });

  it('is no word on the image where this machine has no way to its address', async () => {
    const context = gatedHost();
    context.hypervisor.answer = { port22: 'unreachable', hostKeys: undefined, neighbour: undefined };
    const thrown = await gate(context).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ verdict: 'unknown' });
    expect(String(thrown)).toContain('cannot be told: its address does not answer from this machine');
    expect(recordOf(context)?.gate).toBeUndefined();
    expect(vms(context)).toEqual([]);
  });
});

describe('a VM that somebody else stops is no word on the image', () => {
  it.each([
    ['paused', 'I/O error', 'the host could not read or write its disk'],
    ['paused', 'user', 'its VM was paused (user)'],
    ['shut off', 'destroyed', 'its VM was stopped (destroyed)'],
  ] as const)('%s: %s', async (state, reason, words) => {
    const context = gatedHost();
    const { hypervisor } = context;
    hypervisor.answer = { port22: 'silent', hostKeys: undefined, neighbour: undefined };
    setTimeout(() => {
      for (const vm of hypervisor.domains.values()) vm.state = state;
      hypervisor.status = { reason, cpuSeconds: 10 };
    }, 3000);
    const thrown = await gate(context).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PlowError);
    expect(String(thrown)).toContain(`whether ${LABEL} passes the gate cannot be told: ${words}`);
    expect(recordOf(context)?.gate).toBeUndefined();
    expect(vms(context)).toEqual([]);
  });
});

describe('what is refused', () => {
  it('an image that takes Ignition', async () => {
    const context = gatedHost();
    const thrown = await gate(context, { needs: () => ({ provisioning: 'ignition' }) }).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ kind: 'validation' });
    expect(String(thrown)).toContain(`${LABEL} takes Ignition and no cloud-init: it cannot be gated yet`);
    expect(context.hypervisor.calls).not.toContain('defineDomain');
  });

  it.each([
    [{ ip: '10.0.0.250' }, '--ip: '],
    [{ gateway: undefined }, '--gateway: '],
    [{ bridge: 'br99' }, '--bridge: '],
    [{ gateway: '10.0.0.250' }, '--gateway: '],
  ])('%j, by the name of the option', async (wish, words) => {
    const thrown = await gate(gatedHost(), wish).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ kind: 'validation' });
    expect(String(thrown)).toContain(words);
  });
});

it('leaves nothing, and says so, where plow is asked to stop', async () => {
  const controller = new AbortController();
  const context = { ...gatedHost(), signal: controller.signal };
  context.hypervisor.answer = { port22: 'silent', hostKeys: undefined, neighbour: undefined };
  setTimeout(() => controller.abort(new Interrupted('SIGINT')), 3000);
  const thrown = await gate(context).catch((error: unknown) => error);
  expect(String(thrown)).toContain(`interrupted by SIGINT: VM '${NAME}' is removed, nothing is recorded`);
  expect(vms(context)).toEqual([]);
  expect(recordOf(context)?.gate).toBeUndefined();
});

it('says what is left where its VM cannot be removed', async () => {
  const context = gatedHost();
  const { fault } = context.hypervisor;
  context.hypervisor.fault = (call, at) => (call === 'Domain.undefine' ? 'other' : fault(call, at));
  const thrown = await gate(context).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(PlowError);
  expect(context.progress.lines.join('\n')).toContain(
    `note: left: VM '${NAME}' (plow destroy ${NAME} removes it`,
  );
  expect(recordOf(context)?.gate?.result).toBe('passed');
});

it('whatever call fails, its VM is gone or named, and no half record is there', async () => {
  const workflow = {
    prepare: gatedHost,
    run: (context: TestContext) => gateImage('debian', WISH, tools(), context),
  };
  const outcomes = await whileTimePasses(
    eachCall(workflow, (context, index) => {
      const { fault } = context.hypervisor;
      context.hypervisor.fault = (call, at) => (at === index ? 'other' : fault(call, at));
      return context;
    }),
  );
  expect(outcomes.length).toBeGreaterThan(50);
  const wrong = outcomes.filter(({ context, error }) => {
    const said = [...context.progress.lines, String(error)].join('\n');
    return (vms(context).length > 0 && !said.includes('left: ')) || recordOf(context) === undefined;
  });
  expect(wrong.map(({ call, error }) => `${call}: ${String(error)}`)).toEqual([]);
});
