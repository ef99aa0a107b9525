import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { ownDocument } from '../vm/shown.ts';
import { FakeHypervisor } from '../vm/fake-hypervisor.ts';
import { fakeEnvironment } from './environment.ts';

describe('a VM whose document cannot be read', () => {
  it.each([['show'], ['export'], ['destroy']])('is told of by plow %s in the same words', async (command) => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDomain('my-vm', ownDocument().replace('</domain>', ''), 'shut off');
    const before = hypervisor.census();
    await expect(runCli([command, 'my-vm'], fakeEnvironment(hypervisor))).rejects.toMatchObject({
      kind: 'operation',
      exitCode: 4,
      message: "cannot read the document of VM 'my-vm'",
      hint: 'see virsh dumpxml --inactive my-vm',
    });
    expect(hypervisor.census()).toStrictEqual(before);
  });
});
