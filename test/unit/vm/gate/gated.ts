import { GIB } from '../../../../src/text/units.ts';
import type { GateTools, GateWish, Login } from '../../../../src/vm/gate/wish.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import type { TestContext } from '../context.ts';
import { headOf } from '../fake/pieces.ts';
import { hostWith, PATH } from '../pull/pulled.ts';

/** Of the VM that is made. */
export const NAME = 'plow-gate-00000000';
export const LABEL = 'debian@1';

export const WISH: GateWish = {
  ip: '10.0.0.250/24',
  bridge: 'br0',
  gateway: '10.0.0.1',
  memoryMib: 1024,
  firmware: undefined,
  needs: () => undefined,
  defaults: { virtType: undefined },
  withinMs: 20_000,
  isKept: false,
};

/** Answers as they come, the last one for ever; counts who came. */
export function tools(...logins: readonly Login[]): GateTools & { readonly keys: string[] } {
  const keys: string[] = [];
  return {
    keys,
    assertCanLogIn: async () => {},
    logIn: async (_, privateKey) => {
      keys.push(privateKey);
      return logins[Math.min(keys.length, logins.length) - 1] ?? { kind: 'in' };
    },
  };
}

const FINISHED =
  'Cloud-init v. 22.4.2 finished at Fri, 02 Jan 2026 03:04:05 +0000. Datasource DataSourceNoCloud.  Up 40.00 seconds\r\n';

/** A host with an image, whose guests answer to ssh, and say that much on their consoles. */
export function gatedHost(changes: Partial<ImageRecord> = {}, console = FINISHED): TestContext {
  const context = hostWith(
    { status: 'ready', version: '1', capacityBytes: GIB, ...changes },
    headOf(`qcow2 ${GIB}`),
  );
  const { hypervisor } = context;
  hypervisor.addDirectory('/images');
  const name = PATH.slice(PATH.lastIndexOf('/') + 1);
  hypervisor.directories.get('/images/plow.images')?.set(name, `qcow2 ${GIB}`);
  hypervisor.status = { reason: 'booted', cpuSeconds: 10 };
  hypervisor.bytesRead = 500_000_000;
  hypervisor.answer = { port22: 'ssh', hostKeys: undefined, neighbour: undefined };
  hypervisor.contents.set(`/images/${NAME}/console.log`, new TextEncoder().encode(console));
  return context;
}
