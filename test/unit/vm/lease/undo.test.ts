import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { endOf } from '../../../../src/libvirt-xml/metadata/end.ts';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import { endExpired, findDue } from '../../../../src/vm/lease/due.ts';
import { UNKNOWN } from '../../../../src/vm/destroy/storage.ts';
import { destroyUndoably, undelete } from '../../../../src/vm/lease/undo.ts';
import { autostartVm, startVm } from '../../../../src/vm/lifecycle/power.ts';
import { protectVm } from '../../../../src/vm/protection/protect.ts';
import { selectVms } from '../../../../src/vm/list/select.ts';
import { minimalMachine } from '../../machines.ts';
import type { FakeDomain } from '../fake/pieces.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { eachCall, failOnce } from '../each-call.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const DAY = 1440;

/** A VM that runs and starts with the host. */
function host(lifetimeMinutes?: number): TestContext {
  const context = testContext();
  const createdAt = context.now();
  const directory = '/images/my-vm';
  const head = { status: 'ready', uuid: UUID, version: '0.1.0', createdAt, directory } as const;
  const machine = minimalMachine({ lifetimeMinutes });
  const metadata = newMetadata(machine, head);
  const xml = domainXml(machine, { arch: 'x86_64', virtType: 'qemu', backingFormat: undefined, metadata });
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  context.hypervisor.addDirectory(directory, 'boot.qcow2');
  context.hypervisor.domains.set('my-vm', { xml, state: 'running', autostart: true });
  return context;
}

async function vm(context: TestContext): Promise<Domain> {
  const domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a VM');
  return domain;
}

async function hide(context: TestContext): Promise<boolean> {
  const until = await destroyUndoably(await vm(context), context, { minutes: DAY, graceMs: 0 });
  return until !== undefined;
}

async function comeBack(context: TestContext): Promise<boolean> {
  return undelete(await vm(context), context);
}

function xmlOf({ hypervisor }: TestContext): string {
  return hypervisor.domains.get('my-vm')?.xml ?? '';
}

/** What somebody else does to the VM just before the nth call of a name. */
function meanwhile(
  { hypervisor }: TestContext,
  name: string,
  nth: number,
  change: (found: FakeDomain) => void,
): void {
  let count = 0;
  hypervisor.fault = (call) => {
    const found = hypervisor.domains.get('my-vm');
    if (call === name && (count += 1) === nth && found !== undefined) change(found);
    return undefined;
  };
}

function state({ hypervisor }: TestContext): unknown {
  const { xml = '', state: now, autostart } = hypervisor.domains.get('my-vm') ?? {};
  return { now, autostart, undo: endOf(parseXml(xml)).undo };
}

function at(context: TestContext, time: string): TestContext {
  return { ...context, now: () => new Date(time) };
}

describe('a VM that was destroyed with an undo window', () => {
  it('is off, does not start with the host, is started by nobody, and comes back as it was', async () => {
    const context = host();
    const before = context.hypervisor.census();
    expect(await hide(context)).toBe(true);
    const undo = { until: '2025-01-03T03:04:05.000Z', ran: true, autostart: true };
    expect(state(context)).toStrictEqual({ now: 'shut off', autostart: false, undo });
    const hint = 'plow undelete my-vm brings it back';
    await expect(startVm(await vm(context), context)).rejects.toMatchObject({ hint });
    await expect(autostartVm(await vm(context), context, true)).rejects.toMatchObject({ hint });
    expect(await hide(at(context, '2025-01-02T04:00:00Z'))).toBe(false);
    expect(state(context)).toMatchObject({ undo });
    expect(await undelete(await vm(context), context)).toBe(true);
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(await undelete(await vm(context), context)).toBe(false);
  });

  it('is not started where that is not wanted', async () => {
    const context = host();
    await hide(context);
    await undelete(await vm(context), context, { staysOff: true });
    expect(state(context)).toStrictEqual({ now: 'shut off', autostart: true, undo: undefined });
  });

  it('is meant by its name, and by patterns and --all of undelete alone', async () => {
    const context = host();
    const named = { words: ['my-*'], all: false, tags: [], mayBeNone: true };
    await hide(context);
    expect(await selectVms(named, context.hypervisor)).toHaveLength(0);
    expect(await selectVms({ ...named, words: ['my-vm', 'x*'] }, context.hypervisor)).toHaveLength(1);
    expect(await selectVms({ ...named, words: [], all: true }, context.hypervisor)).toHaveLength(0);
    expect(await selectVms({ ...named, isOfDestroyed: true }, context.hypervisor)).toHaveLength(1);
  });

  it.each([
    [
      'protected',
      async (context: TestContext) => protectVm(await vm(context), context, true),
      /is protected/u,
    ],
    [
      'transient',
      async ({ hypervisor }: TestContext) => void (hypervisor.status = { persistent: false }),
      /gone/u,
    ],
  ])('is none that is %s, which stays as it is', async (_, prepare, message) => {
    const context = host();
    await prepare(context);
    const before = context.hypervisor.census();
    await expect(hide(context)).rejects.toThrow(message);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('costs few calls, and is finished by the same command, whichever of them fails', async () => {
    const context = host();
    await hide(context);
    expect(context.hypervisor.calls).toStrictEqual([
      'findDomain',
      'Domain.status',
      'Domain.setMetadata',
      'Domain.xml',
      'Domain.setAutostart',
      'Domain.state',
      'Domain.forceOff',
    ]);
    for (const { context: each, unchanged } of await eachCall({ prepare: host, run: hide }, failOnce)) {
      expect(unchanged || each.progress.lines.join().includes('may be half done')).toBe(true);
      each.hypervisor.fault = () => undefined;
      await hide(each);
      expect(state(each)).toStrictEqual(state(context));
    }
  });

  it('gets a new window where it ran again, and where the old one is over', async () => {
    const context = host();
    context.hypervisor.domains.set('my-vm', { xml: xmlOf(context), state: 'shut off', autostart: false });
    await hide(context);
    const found = context.hypervisor.domains.get('my-vm');
    if (found !== undefined) Object.assign(found, { state: 'running', autostart: true });
    const early = at(context, '2025-01-02T03:00:00Z');
    expect(await hide(early)).toBe(true);
    const undo = { until: '2025-01-03T03:04:05.000Z', ran: true, autostart: true };
    expect(state(context)).toStrictEqual({ now: 'shut off', autostart: false, undo });
    expect(await hide(at(context, '2025-01-09T00:00:00Z'))).toBe(true);
    const until = '2025-01-10T00:00:00.000Z';
    expect(state(context)).toStrictEqual({ now: 'shut off', autostart: false, undo: { ...undo, until } });
  });

  it('is marked though somebody writes its lease at that moment', async () => {
    const context = host(60);
    const before = xmlOf(context).replace(/expires="[^"]*"/u, 'expires="2025-02-01T00:00:00.000Z"');
    meanwhile(context, 'Domain.xml', 1, (found) => void (found.xml = before));
    expect(await hide(context)).toBe(true);
    expect(state(context)).toMatchObject({ now: 'shut off', undo: { ran: true } });
    expect(endOf(parseXml(xmlOf(context))).expires).toBe('2025-02-01T00:00:00.000Z');
  });

  it('comes back by the same command, whichever call fails', async () => {
    const whole = host().hypervisor.census();
    const prepare = (): TestContext => {
      const context = host();
      const xml = context.hypervisor.domains.get('my-vm')?.xml ?? '';
      const mark = `<metadata><plow-end:end xmlns:plow-end="urn:plow:end:1" uuid="${UUID}" undo-until="2025-01-03T03:04:05.000Z" ran="yes" autostart="yes"/>`;
      const marked = xml.replace('<metadata>', mark);
      context.hypervisor.domains.set('my-vm', { xml: marked, state: 'shut off', autostart: false });
      return context;
    };
    for (const { context: each } of await eachCall({ prepare, run: comeBack }, failOnce)) {
      each.hypervisor.fault = () => undefined;
      await comeBack(each);
      expect(each.hypervisor.census()).toStrictEqual(whole);
    }
  });
});

const NOT_OVER = { status: 'stays', why: expect.stringContaining('not over any more') as string };

describe('a lease that has ended', () => {
  it('ends by an undo window, and after that for good, unless somebody was faster', async () => {
    const context = host(60);
    expect(await findDue(context)).toStrictEqual([]);
    const later = at(context, '2025-01-02T05:00:00Z');
    const [lease] = await findDue(later);
    if (lease === undefined) throw new Error('it is due');
    expect(await endExpired(lease, context)).toMatchObject(NOT_OVER);
    const until = '2025-01-03T05:00:00.000Z';
    expect(await endExpired(lease, later)).toStrictEqual({ status: 'destroyed', until });
    expect(state(context)).toMatchObject({ now: 'shut off', undo: { until } });
    expect(await findDue(later)).toStrictEqual([]);
    expect(await endExpired(lease, later)).toMatchObject(NOT_OVER);

    const muchLater = at(context, '2025-01-03T05:00:00Z');
    const [undo] = await findDue(muchLater);
    if (undo === undefined) throw new Error('it is due');
    expect(undo.what).toBe('undo');
    const file = '/images/my-vm/notes.txt';
    context.hypervisor.directories.get('/images/my-vm')?.set('notes.txt', 'raw 1');
    const ended = await endExpired(undo, muchLater);
    expect(ended).toMatchObject({ status: 'removed', left: new Map([[file, UNKNOWN]]) });
    expect(context.hypervisor.domains.size).toBe(0);
    expect([...(context.hypervisor.directories.get('/images/my-vm')?.keys() ?? [])]).toEqual(['notes.txt']);
    expect(await endExpired(undo, muchLater)).toStrictEqual({ status: 'removed', left: new Map() });
  });

  it('does not end where it is protected or extended at that moment', async () => {
    const context = host(60);
    const before = xmlOf(context).replace(/expires="[^"]*"/u, 'expires="2025-02-01T00:00:00.000Z"');
    const later = at(context, '2025-01-02T05:00:00Z');
    const [lease] = await findDue(later);
    if (lease === undefined) throw new Error('it is due');
    meanwhile(context, 'Domain.xml', 1, (found) => void (found.xml = before));
    expect(await endExpired(lease, later)).toMatchObject(NOT_OVER);
    expect(state(context)).toStrictEqual({ now: 'running', autostart: true, undo: undefined });
    await protectVm(await vm(context), context, true);
    const muchLater = at(context, '2025-03-01T00:00:00Z');
    expect(await endExpired(lease, muchLater)).toStrictEqual({ status: 'stays', why: 'it is protected' });
  });
});

/** One that is destroyed, and can be brought back. */
async function hidden(): Promise<TestContext> {
  const context = host();
  await hide(context);
  context.hypervisor.calls.length = 0;
  return context;
}

describe('a VM whose undo window has ended', () => {
  it('keeps each file that it has when somebody brings it back, at whichever call', async () => {
    const muchLater = '2025-01-09T00:00:00Z';
    const smooth = await hidden();
    const [due] = await findDue(at(smooth, muchLater));
    if (due === undefined) throw new Error('it is due');
    smooth.hypervisor.calls.length = 0;
    await endExpired(due, at(smooth, muchLater));
    const { calls } = smooth.hypervisor;
    const deleting = calls.filter((call) => call === 'Volume.delete' || call === 'Domain.undefine');
    expect(deleting).toStrictEqual(['Volume.delete', 'Domain.undefine']);
    expect(calls).not.toContain('Domain.state');
    // The look before each of them.
    const looks = calls.flatMap((call, index) => (call === 'Domain.xml' ? [index] : []));
    for (const look of looks.slice(2)) {
      const context = await hidden();
      const { hypervisor } = context;
      let files = 0;
      hypervisor.fault = (_, index) => {
        const found = hypervisor.domains.get('my-vm');
        if (index !== look || found === undefined) return undefined;
        files = hypervisor.directories.get('/images/my-vm')?.size ?? 0;
        Object.assign(found, { state: 'running', xml: found.xml.replace(/<plow-end:end[^>]*>/u, '') });
        return undefined;
      };
      await expect(endExpired(due, at(context, muchLater))).rejects.toThrow('was brought back');
      expect(hypervisor.domains.get('my-vm')?.state).toBe('running');
      expect(hypervisor.directories.get('/images/my-vm')?.size ?? 0).toBe(files);
    }
    expect(looks.length).toBeGreaterThan(5);
  });
});
