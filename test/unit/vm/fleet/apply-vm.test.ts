import { describe, expect, it } from 'vitest';
import { PlowError } from '../../../../src/errors/plow-error.ts';
import { applyToVm } from '../../../../src/vm/fleet/apply/apply-vm.ts';
import { diffVm } from '../../../../src/vm/fleet/diff-vm.ts';
import { planVm } from '../../../../src/vm/fleet/plan.ts';
import { loaded, minimalMachine } from '../../machines.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { contextWith } from '../export/vms.ts';

const allowed = { reboot: false, reseed: false, rebuild: false, overwrite: false };
const web = minimalMachine({ name: 'web' });
const file = loaded({ ...web, bootDisk: { ...web.bootDisk, sizeGib: web.bootDisk.sizeGib + 10 } });

/** What comes of a VM that is to get a larger disk, with trouble once its plan was shown. */
async function applied(trouble: (context: TestContext) => void): Promise<unknown> {
  const context = contextWith(web);
  const shown = planVm(await diffVm(file, context), allowed);
  expect(shown.action).toBe('change');
  trouble(context);
  return thrownBy(applyToVm(file, shown, { allowed, wait: undefined, isCanary: false }, context));
}

describe('the comparison before a VM is changed', () => {
  it('tells the error where a pool cannot be lent', async () => {
    const error = await applied(({ hypervisor }) => {
      hypervisor.fault = (call) => (call === 'startPool' ? 'other' : undefined);
    });
    expect(error).toBeInstanceOf(PlowError);
    expect(error).toMatchObject({
      message: "VM 'web' cannot be compared again: nothing was done to it",
      cause: { call: 'startPool' },
    });
  });

  it('tells of a VM that was changed meanwhile', async () => {
    const error = await applied(({ hypervisor }) => {
      const domain = hypervisor.domains.get('web');
      if (domain !== undefined) domain.autostart = !domain.autostart;
    });
    expect(error).toMatchObject({
      message: "VM 'web' was changed since its plan was made: nothing was done to it",
    });
  });
});
