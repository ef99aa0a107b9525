import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { endOf } from '../../../../src/libvirt-xml/metadata/end.ts';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import { endExpired, findDue } from '../../../../src/vm/lease/due.ts';
import { destroyUndoably, undelete } from '../../../../src/vm/lease/undo.ts';
import { autostartVm, startVm } from '../../../../src/vm/lifecycle/power.ts';
import { protectVm } from '../../../../src/vm/protection/protect.ts';
import { selectVms } from '../../../../src/vm/list/select.ts';
import { minimalMachine } from '../../machines.ts';
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
  const xml = domainXml(machine, { virtType: 'qemu', backingFormat: undefined, metadata });
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
  return destroyUndoably(await vm(context), context, { minutes: DAY, graceMs: 0 });
}

async function comeBack(context: TestContext): Promise<boolean> {
  return undelete(await vm(context), context);
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

describe('a lease that has ended', () => {
  it('ends by an undo window, and after that for good, unless somebody was faster', async () => {
    const context = host(60);
    expect(await findDue(context)).toStrictEqual([]);
    const later = at(context, '2025-01-02T05:00:00Z');
    const [lease] = await findDue(later);
    if (lease === undefined) throw new Error('it is due');
    expect(await endExpired(lease, context)).toBe(false);
    expect(await endExpired(lease, later)).toBe(true);
    expect(state(context)).toMatchObject({ now: 'shut off', undo: { until: '2025-01-03T05:00:00.000Z' } });
    expect(await findDue(later)).toStrictEqual([]);
    expect(await endExpired(lease, later)).toBe(false);

    const muchLater = at(context, '2025-01-03T05:00:00Z');
    const [undo] = await findDue(muchLater);
    if (undo === undefined) throw new Error('it is due');
    expect(undo.what).toBe('undo');
    expect(await endExpired(undo, muchLater)).toBe(true);
    expect(context.hypervisor.domains.size).toBe(0);
    expect(context.hypervisor.directories.has('/images/my-vm')).toBe(false);
    expect(await endExpired(undo, muchLater)).toBe(false);
  });
});
