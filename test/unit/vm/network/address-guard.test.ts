import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import type { DomainDocument } from '../../../../src/hypervisor/domain-facts.ts';
import type { Elsewhere } from '../../../../src/vm/address-guard.ts';
import { createVm } from '../../../../src/vm/create/create.ts';
import { preflight } from '../../../../src/vm/create/preflight.ts';
import { loaded, minimalMachine, networkInterface } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { thrownBy } from '../each-call.ts';
import { ownDocument } from '../shown.ts';

const MAC = '52:54:00:00:00:01';
const IP = 'vm.yaml:1:1: network_interfaces.0.ip: ';

/** Another VM, made by plow, with 10.20.30.40; or one of another tool. */
function vm(name: string, stored = ownDocument('ready'), uuid = name): DomainDocument {
  return { name, uuid, stored, live: undefined };
}

function foreign(mac: string): string {
  return `<domain><devices><interface type='bridge'><mac address='${mac}'/></interface></devices></domain>`;
}

function contextWith(elsewhere: Partial<Elsewhere>, isForced = false): TestContext {
  const context = testContext({
    guard: { isForced, elsewhere: async () => ({ hosts: [], unseen: [], ...elsewhere }) },
  });
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  return context;
}

/** What a create of a machine says before anything is made. */
async function refusal(context: TestContext, machine: Machine = minimalMachine()): Promise<unknown> {
  return thrownBy(preflight(loaded(machine), context));
}

describe('other hosts', () => {
  it('keep their names and addresses, each told with its place, all at once', async () => {
    const nics = [networkInterface(), networkInterface({ address: '10.20.30.41', mac: MAC })];
    const hosts = [
      { host: 'hv2', vms: [vm('web')] },
      { host: 'hv3', vms: [vm('my-vm', '<domain/>'), vm('old', foreign(MAC.toUpperCase()))] },
    ];
    expect(await refusal(contextWith({ hosts }), minimalMachine({ interfaces: nics }))).toMatchObject({
      kind: 'validation',
      message: [
        `${IP}10.20.30.40 is used by VM 'web' on hv2`,
        `vm.yaml:1:1: network_interfaces.1.mac: MAC address ${MAC} is used by VM 'old' on hv3`,
        "vm.yaml:1:1: name: there is a VM 'my-vm' on hv3",
      ].join('\n'),
    });
  });

  it('are told of and passed over where that is forced', async () => {
    const hosts = [{ host: 'hv2', vms: [vm('my-vm')] }];
    const context = contextWith({ hosts }, true);
    expect(await refusal(context)).toBeUndefined();
    expect(context.progress.lines.filter((line) => line.includes('--force'))).toStrictEqual([
      "note: 10.20.30.40 is used by VM 'my-vm' on hv2; taken all the same (--force-address)",
      "note: there is a VM 'my-vm' on hv2; taken all the same (--force-address)",
    ]);
  });

  it('do not force a name on the same host', async () => {
    const context = contextWith({}, true);
    context.hypervisor.addDomain('my-vm', '<domain/>', 'shut off');
    expect(await refusal(context)).toMatchObject({
      message: expect.stringContaining("VM 'my-vm' already exists") as unknown,
    });
  });

  it('that could not be looked at are named', async () => {
    const context = contextWith({ unseen: [{ host: 'hv3', why: 'no answer within 10 seconds' }] });
    const { notChecked } = await preflight(loaded(minimalMachine()), context);
    expect(context.progress.lines).toContain(
      'note: hv3 was not looked at for names and addresses: no answer within 10 seconds',
    );
    expect(notChecked).toContainEqual({ check: 'other-hosts', why: 'hv3: no answer within 10 seconds' });
  });

  it('are none where the host has two names', async () => {
    const context = contextWith({});
    context.hypervisor.addDomain('other', foreign(MAC), 'running');
    const vms = await context.hypervisor.domainDocuments();
    const guard = { isForced: false, elsewhere: async () => ({ hosts: [{ host: 'hv2', vms }], unseen: [] }) };
    const machine = minimalMachine({ interfaces: [networkInterface({ mac: MAC })] });
    expect(await refusal({ ...context, guard }, machine)).toMatchObject({
      message: `vm.yaml:1:1: network_interfaces.0.mac: MAC address ${MAC} is used by VM 'other'`,
    });
  });

  it('are not waited for after an interruption', async () => {
    const controller = new AbortController();
    const guard = { isForced: false, elsewhere: () => new Promise<never>(() => {}) };
    const context = { ...contextWith({}), guard, signal: controller.signal };
    setTimeout(() => controller.abort(new Error('stopped')), 20);
    expect(await refusal(context)).toMatchObject({ message: 'stopped' });
  });
});

describe('an address of the same host', () => {
  it('is taken by what the metadata of a VM say, whatever its MAC address', async () => {
    const context = contextWith({});
    context.hypervisor.addDomain(
      'other',
      ownDocument('ready').replaceAll('be:ef:0a:14:1e:28', MAC),
      'running',
    );
    const machine = minimalMachine({ interfaces: [networkInterface({ mac: '52:54:00:00:00:02' })] });
    expect(await refusal(context, machine)).toMatchObject({
      message: `${IP}10.20.30.40 is used by VM 'other'`,
    });
  });
});

describe('somebody who answers on the bridge', () => {
  it.each([
    ['nobody knows', 'which no VM has that plow knows of', []],
    ['is a VM of another host', "VM 'old' on hv2", [{ host: 'hv2', vms: [vm('old', foreign(MAC))] }]],
  ])('and %s keeps the address', async (_, whose, hosts) => {
    const context = contextWith({ hosts });
    context.hypervisor.local = {
      exists: async () => false,
      read: async () => undefined,
      look: async () => 'ENOENT',
      names: async () => [],
      output: async () => undefined,
    };
    context.hypervisor.neighbours.set('10.20.30.40', MAC);
    expect(await refusal(context)).toMatchObject({
      message: expect.stringContaining(
        `${IP}10.20.30.40 is in use on br0: MAC address ${MAC} answers, ${whose}`,
      ) as unknown,
    });
  });

  it('late has all taken back that was made', async () => {
    const context = contextWith({});
    const line = new EventEmitter();
    context.hypervisor.askNeighbour = async () => {
      await once(line, 'late');
      return { found: 'answers', mac: MAC };
    };
    const before = context.hypervisor.census();
    const defineDomain = context.hypervisor.defineDomain.bind(context.hypervisor);
    context.hypervisor.defineDomain = async (xml) => {
      setImmediate(() => line.emit('late'));
      return defineDomain(xml);
    };
    expect(await thrownBy(createVm(loaded(minimalMachine()), context))).toMatchObject({
      kind: 'validation',
      message: `${IP}10.20.30.40 is in use on br0: MAC address ${MAC} answers, which no VM has that plow knows of`,
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
    expect(context.hypervisor.calls).toContain('Domain.forceOff');
  });
});
