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

const OPEN = expect.stringContaining(
  'vnc: every user of the hypervisor reaches 127.0.0.1, and sees the screen and types without a password: listen: socket or a password_file keeps them out',
) as unknown;

it.each([
  ['from elsewhere', vnc, true],
  ['from elsewhere, as a socket', { ...vnc, listen: 'socket' }, false],
  ['from elsewhere, with a password', { ...vnc, login: { by: 'one-time' } }, false],
] as const)('a screen made %s is told of where all users there reach it', async (_, wish, isTold) => {
  const context = testContext({ storagePath: '/srv/vms' });
  const { hypervisor, progress } = context;
  for (const path of ['/srv', '/srv/vms']) hypervisor.addDirectory(path);
  hypervisor.addDirectory('/images', 'base.qcow2');
  hypervisor.graphics = ['vnc'];
  await createVm(loaded(minimalMachine({ vnc: wish })), context);
  expect(progress.lines.filter((line) => line.includes('every user'))).toStrictEqual(isTold ? [OPEN] : []);
});
