import { expect, it } from 'vitest';
import type { HypervisorErrorReason } from '../../../../src/errors/hypervisor-error.ts';
import { openConsole } from '../../../../src/vm/console/console.ts';
import { FakeConsole } from '../fake/console.ts';
import { failure } from '../fake/pieces.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';

function host(devices = "<serial type='pty'/>"): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDomain('web', `<domain><name>web</name><devices>${devices}</devices></domain>`, 'running');
  return hypervisor;
}

/** A host on which the console cannot be opened. */
function shut(reason: HypervisorErrorReason, devices?: string): FakeHypervisor {
  const hypervisor = host(devices);
  hypervisor.fault = (call) => (call === 'Domain.openConsole' ? reason : undefined);
  return hypervisor;
}

async function read(output: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of output) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

it('hands bytes on both ways, and closes', async () => {
  const hypervisor = host();
  hypervisor.console = new FakeConsole(['login', ': ']);
  {
    using vm = await openConsole('web', hypervisor, false);
    await vm.send(Buffer.from('root\r'));
    expect([vm.name, await read(vm.output)]).toEqual(['web', 'login: ']);
  }
  expect([hypervisor.console.typed, hypervisor.console.isDisposed]).toEqual(['root\r', true]);
});

it('says who has the line now, and that the connection broke', async () => {
  const hypervisor = host();
  hypervisor.console = new FakeConsole([], failure('virStreamRecv', 'in-use'));
  using vm = await openConsole('web', hypervisor, false);
  await expect(read(vm.output)).rejects.toMatchObject({
    kind: 'operation',
    message: "somebody else has taken the console of VM 'web' over",
  });
  hypervisor.console = new FakeConsole([], failure('virStreamRecv', 'disconnected'));
  using other = await openConsole('web', hypervisor, false);
  await expect(read(other.output)).rejects.toMatchObject({ kind: 'connection' });
});

it.each([
  ['one that is off', 'not-running', undefined, "VM 'web' is not running", 'plow start web starts it'],
  [
    'one that is taken',
    'in-use',
    undefined,
    "somebody else has the console of VM 'web' open",
    'another plow console, virsh console or the like; plow console --force web takes it over',
  ],
  [
    'none',
    'other',
    '',
    "VM 'web' has no serial console",
    "add <console type='pty'/> to its devices with virsh edit web; plow restart web has it take effect",
  ],
  [
    'one that leads elsewhere',
    'other',
    "<serial type='tcp'/>",
    "the serial port of VM 'web' is of type 'tcp', which is no console",
    "only type 'pty' is; change it with virsh edit web; plow restart web has it take effect",
  ],
  [
    'one of which libvirt alone knows what is wrong',
    'other',
    undefined,
    "cannot open the console of VM 'web'",
    undefined,
  ],
] as const)('says of %s what to do', async (_, reason, devices, message, hint) => {
  await expect(openConsole('web', shut(reason, devices), false)).rejects.toMatchObject({
    kind: 'operation',
    message,
    hint,
  });
});
