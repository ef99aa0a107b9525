import { describe, expect, it } from 'vitest';
import { findVm } from '../../../../src/vm/list/unknown-vm.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';

const UUID = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
const OTHER = '11111111-2222-4333-8444-555555555555';

function hypervisor(): FakeHypervisor {
  const made = new FakeHypervisor();
  made.addDomain('web', `<domain><name>web</name><uuid>${UUID}</uuid></domain>`, 'running');
  // Nobody calls a VM so, but anybody may.
  made.addDomain(OTHER, `<domain><name>${OTHER}</name></domain>`, 'running');
  made.addDomain('db', `<domain><name>db</name><uuid>${OTHER}</uuid></domain>`, 'running');
  return made;
}

describe('finding a VM', () => {
  it.each([
    ['by its name', 'web', 'web', ['findDomain']],
    ['by its UUID', UUID, 'web', ['findDomain', 'findDomainByUuid']],
    ['by its UUID in capitals', UUID.toUpperCase(), 'web', ['findDomain', 'findDomainByUuid']],
    ['by its name first', OTHER, OTHER, ['findDomain']],
    ['that there is not asks once', 'nosuch', undefined, ['findDomain']],
    ['of no such UUID', UUID.replace('0', '1'), undefined, ['findDomain', 'findDomainByUuid']],
  ])('%s', async (_, wanted, name, calls) => {
    const asked = hypervisor();
    expect((await findVm(wanted, asked))?.name).toBe(name);
    expect(asked.calls).toStrictEqual(calls);
  });

  it('explains an error', async () => {
    const asked = hypervisor();
    asked.fault = (call) => (call === 'findDomainByUuid' ? 'other' : undefined);
    await expect(findVm(UUID, asked)).rejects.toMatchObject({
      kind: 'operation',
      message: 'cannot look up the VM',
    });
  });
});
