import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { createVm } from '../../../../src/vm/create/create.ts';
import { bootDisk, fullMachine, loaded } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { eachCall, failOnce, thrownBy } from '../each-call.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';

const GIB = 2 ** 30;

/** A hypervisor elsewhere, on which a check has something against the machine. */
function host(spoil: (hypervisor: FakeHypervisor) => void): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  context.hypervisor.addDirectory('/base', 'base.qcow2');
  spoil(context.hypervisor);
  return context;
}

const elsewhere: Partial<Machine> = { bootDisk: bootDisk({ sizeGib: 50, image: '/base/base.qcow2' }) };
const imagesMayLie = { imageDirs: { value: ['/images', '/base'], from: 'default' } } as const;

/** A host without an interface driver, or of old capabilities: with these nothing can be told for sure. */
const UNTOLD = new Set(['findInterface', 'domainCapabilities of x86_64 q35 kvm']);

describe('what a check is to find on a hypervisor elsewhere', () => {
  it.each<[string, Partial<Machine>, (hypervisor: FakeHypervisor) => void]>([
    ['a name that is taken', {}, (one) => one.addDomain('my-vm', '<domain/>', 'shut off')],
    ['a bridge that is not there', {}, (one) => one.interfaces.delete('br1')],
    ['too little memory', {}, (one) => (one.hostMemory = { totalBytes: GIB, availableBytes: GIB })],
    ['no UEFI', { firmware: 'uefi' }, (one) => (one.firmware = [])],
    ['an image of another format', {}, (one) => one.directories.get('/images')?.set('base.qcow2', 'vmdk 1')],
    ['an image that is gone', {}, (one) => one.directories.get('/images')?.delete('base.qcow2')],
    ['no storage path', {}, (one) => one.directories.delete('/images')],
    ['another image', elsewhere, (one) => one.directories.get('/base')?.set('base.qcow2', 'vmdk 1')],
    ['another image gone', elsewhere, (one) => one.directories.get('/base')?.delete('base.qcow2')],
    ['no directory of the image', elsewhere, (one) => one.directories.delete('/base')],
    [
      'files in the way',
      {},
      (one) => {
        one.directories.get('/images')?.set('my-vm', 'dir 0');
        one.addDirectory('/images/my-vm', 'boot.qcow2');
      },
    ],
  ])('is found whichever question fails: %s', async (_, changes, spoil) => {
    const run = async (context: TestContext): Promise<unknown> =>
      createVm(loaded(fullMachine(changes)), { ...context, ...imagesMayLie });
    const smooth = host(spoil);
    expect(await thrownBy(run(smooth))).toMatchObject({ kind: expect.stringMatching(/validation|storage/u) });
    const prepare = (): TestContext => host(spoil);
    const outcomes = await eachCall({ prepare, run: (context) => thrownBy(run(context)) }, failOnce);
    // Its mistake, or the question that failed: never a VM, and nothing is left.
    for (const [index, { call, context, unchanged }] of outcomes.entries()) {
      if (UNTOLD.has(call)) continue;
      const ran = context.hypervisor.domains.get('my-vm')?.state === 'running';
      expect({ index, call, ran, unchanged }).toStrictEqual({ index, call, ran: false, unchanged: true });
    }
    expect(outcomes.length).toBeGreaterThan(5);
  });
});
