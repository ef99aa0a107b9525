import { expect, it } from 'vitest';
import { createVm } from '../../../../src/vm/create/create.ts';
import { loaded, minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';

const vnc = { listen: undefined, port: undefined, login: undefined, video: 'virtio' } as const;

it('a screen is refused before anything is made where QEMU has none over VNC', async () => {
  const context = testContext({ storagePath: '/srv/vms' });
  const { hypervisor } = context;
  hypervisor.addDirectory('/srv');
  hypervisor.addDirectory('/srv/vms');
  hypervisor.addDirectory('/images', 'base.qcow2');
  hypervisor.graphics = ['sdl', 'spice'];
  const before = hypervisor.census();
  await expect(createVm(loaded(minimalMachine({ vnc })), context)).rejects.toMatchObject({
    kind: 'validation',
    message: expect.stringContaining(
      'vnc: this hypervisor has no screens over VNC (its domain capabilities of kvm do not list it): leave out vnc',
    ) as unknown,
  });
  expect(hypervisor.census()).toStrictEqual(before);
  hypervisor.graphics = ['vnc'];
  await createVm(loaded(minimalMachine({ vnc })), context);
  expect(hypervisor.census()).not.toStrictEqual(before);
});
