import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import { detachDisk } from '../../../../src/vm/attach/detach-disk.ts';
import { whileTimePasses } from '../../time.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { domainOf } from '../list/tagged.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WITHOUT = domainOf('my-vm', []);
const DISK = /<disk [^]*?<\/disk>/u.exec(WITHOUT)?.[0] ?? '';
const WITH = WITHOUT.replace(
  '</devices>',
  () => `${DISK.replace('"vda"', '"vdb"').replace('boot.qcow2', 'data-vdb.qcow2')}</devices>`,
);

/** A VM that runs, whose guest still has the disk. */
function running(): TestContext {
  const context = testContext();
  context.hypervisor.addDomain('my-vm', WITH, 'running');
  context.hypervisor.live.set('my-vm', WITH);
  return context;
}

async function detach(context: TestContext): Promise<void> {
  using domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a my-vm');
  await detachDisk(domain, context, 'vdb');
}

async function event({ hypervisor }: TestContext): Promise<void> {
  using domain = await hypervisor.findDomain('my-vm');
  const uuid = domain?.uuid ?? '';
  for (const queue of hypervisor.queues) queue.add({ name: 'my-vm', uuid, kind: 'changed' });
}

/** Once nothing but time or an event has it go on. */
async function atRest(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

const KEEPS = "note: the guest of VM 'my-vm' did not let disk vdb go: it has it until its next start";

describe('a guest that is to let a disk go', () => {
  it('is looked at after an event of it, and at no other time', async () => {
    const context = running();
    const { hypervisor } = context;
    const looks = (): number => hypervisor.calls.filter((call) => call === 'Domain.xml').length;
    const detaching = detach(context);
    await atRest();
    const before = looks();
    await vi.advanceTimersByTimeAsync(3000);
    expect(looks()).toBe(before);
    hypervisor.live.set('my-vm', WITHOUT);
    await event(context);
    await detaching;
    expect(looks()).toBe(before + 1);
    expect(context.progress.lines).not.toContain(KEEPS);
    expect(hypervisor.queues.size).toBe(0);
  });

  it('is watched before it is asked', async () => {
    const context = running();
    await whileTimePasses(detach(context));
    const calls = context.hypervisor.calls.filter((call) => /^watch|detachDevice/u.test(call));
    expect(calls).toStrictEqual(['watchDomains', 'Domain.detachDevice']);
    expect(context.progress.lines).toContain(KEEPS);
  });

  it('is not waited for when plow is interrupted', async () => {
    const controller = new AbortController();
    const context = { ...running(), signal: controller.signal };
    const detaching = detach(context);
    await atRest();
    controller.abort(new Interrupted('SIGINT'));
    await expect(detaching).rejects.toMatchObject({
      name: 'Interrupted',
      outcome: "VM 'my-vm' has no disk vdb any more, but its guest may have it until its next start",
    });
  });
});
