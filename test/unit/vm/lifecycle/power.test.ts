import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import {
  autostartVm,
  restartVm,
  resumeVm,
  startVm,
  stopVm,
  suspendVm,
} from '../../../../src/vm/lifecycle/power.ts';
import type { Changed } from '../../../../src/vm/lifecycle/power.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { domainOf } from '../list/tagged.ts';

type Verb = (context: TestContext) => Promise<Changed>;

async function domain({ hypervisor }: TestContext) {
  const found = await hypervisor.findDomain('my-vm');
  if (found === undefined) throw new Error('there is a my-vm');
  return found;
}

const VERBS = {
  start: async (context) => startVm(await domain(context), context),
  stop: async (context) => stopVm(await domain(context), context, { withinMs: 60_000, isForced: false }),
  'force off': async (context) =>
    stopVm(await domain(context), context, { withinMs: 60_000, isForced: true }),
  restart: async (context) =>
    restartVm(await domain(context), context, { withinMs: 60_000, isForced: false }),
  'restart by force': async (context) =>
    restartVm(await domain(context), context, { withinMs: 60_000, isForced: true }),
  suspend: async (context) => suspendVm(await domain(context), context),
  resume: async (context) => resumeVm(await domain(context), context),
  'autostart on': async (context) => autostartVm(await domain(context), context, true),
  'autostart off': async (context) => autostartVm(await domain(context), context, false),
} satisfies Record<string, Verb>;

function contextWith(state: DomainState, status: 'creating' | 'ready' = 'ready'): TestContext {
  const context = testContext();
  context.hypervisor.addDomain('my-vm', domainOf('my-vm', [], status), state);
  return context;
}

interface Outcome {
  readonly changed: Changed;
  readonly lines: readonly string[];
  /** Those behind the look-up. */
  readonly calls: readonly string[];
  readonly state: DomainState | undefined;
}

async function outcome(verb: keyof typeof VERBS, context: TestContext): Promise<Outcome> {
  const changed = await VERBS[verb](context);
  const { calls, domains } = context.hypervisor;
  return {
    changed,
    lines: context.progress.lines,
    calls: calls.slice(1),
    state: domains.get('my-vm')?.state,
  };
}

describe('a VM', () => {
  it.each<[keyof typeof VERBS, DomainState, DomainState, string, readonly string[]]>([
    ['start', 'shut off', 'running', "done: VM 'my-vm' started", ['state', 'xml', 'start']],
    ['stop', 'running', 'shut off', "done: VM 'my-vm' stopped", ['state', 'xml', 'watchDomains', 'shutdown']],
    ['force off', 'paused', 'shut off', "done: VM 'my-vm' stopped", ['state', 'xml', 'forceOff']],
    [
      'restart',
      'shut off',
      'running',
      "done: VM 'my-vm' restarted",
      ['xml', 'isPersistent', 'state', 'start'],
    ],
    [
      'restart by force',
      'running',
      'running',
      "done: VM 'my-vm' restarted",
      ['xml', 'isPersistent', 'state', 'forceOff', 'start'],
    ],
    ['suspend', 'running', 'paused', "done: VM 'my-vm' suspended", ['state', 'xml', 'suspend']],
    ['resume', 'paused', 'running', "done: VM 'my-vm' resumed", ['state', 'xml', 'status', 'resume']],
    ['resume', 'pmsuspended', 'running', "done: VM 'my-vm' resumed", ['state', 'xml', 'status', 'wakeUp']],
    [
      'autostart on',
      'shut off',
      'shut off',
      "done: VM 'my-vm' starts with the host",
      ['autostart', 'xml', 'setAutostart'],
    ],
  ])('does %s from %s', async (verb, before, after, line, calls) => {
    const told = await outcome(verb, contextWith(before));
    const short = told.calls.map((call) => call.replace(/^Domain\./u, ''));
    expect({ ...told, calls: short }).toStrictEqual({
      changed: 'changed',
      lines: [line],
      calls,
      state: after,
    });
  });

  it.each<[keyof typeof VERBS, DomainState, string]>([
    ['start', 'running', 'runs already'],
    ['start', 'idle', 'runs already'],
    ['stop', 'shut off', 'is not running'],
    ['force off', 'shut off', 'is not running'],
    ['suspend', 'paused', 'is suspended already'],
    ['resume', 'running', 'runs already'],
    ['autostart off', 'running', 'does not start with the host anyway'],
  ])('that need not %s, as it is %s, is left as it is', async (verb, state, words) => {
    const context = contextWith(state);
    const before = context.hypervisor.census();
    expect(await outcome(verb, context)).toMatchObject({
      changed: 'unchanged',
      lines: [`note: VM 'my-vm' ${words}`],
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it.each<[keyof typeof VERBS, DomainState, string, string | undefined]>([
    ['start', 'paused', 'is paused, not off', 'plow resume my-vm lets it go on'],
    ['start', 'pmsuspended', 'is asleep, not off', 'plow resume my-vm wakes it'],
    ['start', 'in shutdown', 'is shutting down, not off', 'wait until it is off'],
    ['start', 'crashed', 'is crashed, not off', 'plow stop --force my-vm forces it off'],
    [
      'stop',
      'paused',
      'is paused: its guest cannot shut down',
      'plow resume my-vm lets it go on, --force forces it off',
    ],
    ['restart', 'crashed', 'is crashed: its guest cannot shut down', '--force forces it off'],
    ['suspend', 'shut off', 'is not running', 'plow start my-vm starts it'],
    ['suspend', 'crashed', 'is crashed', undefined],
    ['resume', 'shut off', 'is not running', 'plow start my-vm starts it'],
    ['resume', 'in shutdown', 'is shutting down', undefined],
  ])('cannot %s while it is %s', async (verb, state, words, hint) => {
    const context = contextWith(state);
    const before = context.hypervisor.census();
    const message = `VM 'my-vm' ${words}`;
    await expect(VERBS[verb](context)).rejects.toMatchObject({ kind: 'operation', message, hint });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it.each([
    ['start', 'shut off'],
    ['start', 'paused'],
    ['restart', 'shut off'],
    ['resume', 'paused'],
  ] as const)('of which the create did not end does not %s while it is %s', async (verb, state) => {
    const message = "VM 'my-vm' is incomplete: its create is under way, or died";
    await expect(VERBS[verb](contextWith(state, 'creating'))).rejects.toMatchObject({ message });
  });

  it('that cannot be asked says why not', async () => {
    const context = contextWith('running');
    context.hypervisor.fault = (call) => (call === 'Domain.shutdown' ? 'denied' : undefined);
    const error: unknown = await VERBS.stop(context).catch((thrown: unknown) => thrown);
    const message = "VM 'my-vm' still runs: its guest cannot be asked to shut down";
    expect(error).toMatchObject({ kind: 'operation', message });
    expect((error as PlowError).detail).toContain('Domain.shutdown failed');
  });

  it.each([
    ['suspended', suspendVm],
    ['resumed', resumeVm],
  ])('that is off and one of many is passed over when they are %s', async (_, work) => {
    const context = contextWith('shut off');
    expect(await work(await domain(context), context, false)).toBe('unchanged');
    expect(context.progress.lines).toStrictEqual(["note: VM 'my-vm' is not running"]);
  });

  it.each(['suspend', 'resume'] as const)('that libvirt has paused for a while does not %s', async (verb) => {
    const context = contextWith('paused');
    context.hypervisor.status = { reason: 'migrating' };
    const message = "VM 'my-vm' is paused for a while: migrating";
    await expect(VERBS[verb](context)).rejects.toMatchObject({ message });
    expect(context.hypervisor.domains.get('my-vm')?.state).toBe('paused');
  });

  it('that went off and does not start again is told so', async () => {
    const context = contextWith('running');
    context.hypervisor.fault = (call) => (call === 'Domain.start' ? 'other' : undefined);
    const message = "VM 'my-vm' is off: it could not be started again";
    await expect(VERBS['restart by force'](context)).rejects.toMatchObject({ message });
    expect(context.hypervisor.domains.get('my-vm')?.state).toBe('shut off');
  });

  it('is called in hints so that a shell takes it for a name', async () => {
    const context = testContext();
    context.hypervisor.addDomain('--all', domainOf('--all', []), 'crashed');
    const odd = await context.hypervisor.findDomain('--all');
    if (odd === undefined) throw new Error('there is one');
    await expect(startVm(odd, context)).rejects.toMatchObject({
      hint: 'plow stop --force -- --all forces it off',
    });
  });

  it('that is transient does not restart', async () => {
    const context = contextWith('running');
    context.hypervisor.transient.add('my-vm');
    const message = "VM 'my-vm' is transient: it is gone once it stops";
    await expect(VERBS.restart(context)).rejects.toMatchObject({ message });
  });

  it.each<[keyof typeof VERBS, DomainState]>([
    ['start', 'shut off'],
    ['stop', 'running'],
    ['force off', 'running'],
    ['restart', 'running'],
    ['suspend', 'running'],
    ['resume', 'paused'],
    ['autostart on', 'running'],
  ])('tells a failure of every call of libvirt: %s', async (verb, from) => {
    const counted = contextWith(from);
    await VERBS[verb](counted);
    const kinds = new Set<unknown>();
    for (const index of counted.hypervisor.calls.keys()) {
      const context = contextWith(from);
      context.hypervisor.fault = (_, at) => (at === index && at > 0 ? 'disconnected' : undefined);
      const error: unknown = await VERBS[verb](context).catch((thrown: unknown) => thrown);
      if (index > 0) kinds.add(error instanceof PlowError ? error.kind : error);
    }
    expect([...kinds]).toStrictEqual(['connection']);
  });

  it('that somebody removed meanwhile is told so', async () => {
    const context = contextWith('shut off');
    context.hypervisor.fault = (call) => (call === 'Domain.start' ? 'not-found' : undefined);
    const message = "VM 'my-vm' was removed by somebody else meanwhile";
    await expect(VERBS.start(context)).rejects.toMatchObject({ message });
  });

  it.each(['start', 'force off', 'suspend', 'autostart on'] as const)(
    'is as it was when plow is interrupted before: %s',
    async (verb) => {
      const controller = new AbortController();
      controller.abort(new Interrupted('SIGINT'));
      const context = {
        ...contextWith(verb === 'start' ? 'shut off' : 'running'),
        signal: controller.signal,
      };
      const before = context.hypervisor.census();
      await expect(VERBS[verb](context)).rejects.toThrow("VM 'my-vm' is as it was");
      expect(context.hypervisor.census()).toStrictEqual(before);
    },
  );
});
