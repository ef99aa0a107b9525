import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BridgedInterface, NetworkInterface } from '../../../../src/config/machine.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { attachNic } from '../../../../src/vm/attach/attach-nic.ts';
import { detachNic } from '../../../../src/vm/attach/detach-nic.ts';
import { whileTimePasses } from '../../time.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { describeError, eachCall, failOnce } from '../each-call.ts';
import { hostInterface } from '../fake/pieces.ts';
import { domainOf } from '../list/tagged.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NIC: BridgedInterface = {
  mode: 'bridge',
  address: '10.9.0.2',
  prefixLength: 24,
  gateway: '10.9.0.1',
  gatewayInSubnet: true,
  dnsServers: [],
  bridge: 'br1',
  defaultRoute: false,
  mac: 'be:ef:0a:09:00:02',
  mtu: undefined,
  vlan: undefined,
  bootsFromNetwork: false,
};
const ON = 'be:ef:0a:09:00:02 br1';

function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDomain('my-vm', domainOf('my-vm', []), 'shut off');
  context.hypervisor.addDirectory('/images/my-vm', 'boot.qcow2');
  return context;
}

async function attach(context: TestContext, nic: NetworkInterface = NIC): Promise<string> {
  using domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a my-vm');
  return await attachNic(domain, context, nic);
}

async function detach(context: TestContext, which: string): Promise<string> {
  using domain = await context.hypervisor.findDomain('my-vm');
  if (domain === undefined) throw new Error('there is a my-vm');
  return await detachNic(domain, context, which);
}

interface Nics {
  readonly stored: readonly string[];
  readonly declared: readonly string[];
}

function nicWords({ mac, bridge }: { mac: string | undefined; bridge: string | undefined }): string {
  return `${mac} ${bridge}`;
}

function nicsIn(xml: string): Nics {
  const document = parseXml(xml);
  return {
    stored: readDomain(document).interfaces.map(nicWords),
    declared: metadataInDomain(document)?.declared.interfaces.map(nicWords) ?? [],
  };
}

/** The interfaces that it has more than at first. */
function nics({ hypervisor }: TestContext): Nics {
  const first = nicsIn(domainOf('my-vm', []));
  const now = nicsIn(hypervisor.domains.get('my-vm')?.xml ?? '');
  return {
    stored: now.stored.filter((one) => !first.stored.includes(one)),
    declared: now.declared.filter((one) => !first.declared.includes(one)),
  };
}

const NONE = { stored: [], declared: [] };
const BOTH = { stored: [ON], declared: [ON] };

describe('an interface', () => {
  it('is attached, by eight calls, and detached by its address', async () => {
    const context = host();
    expect(await attach(context)).toBe('changed');
    expect(nics(context)).toStrictEqual(BOTH);
    expect(context.hypervisor.calls).toStrictEqual([
      'findDomain',
      'Domain.status',
      'findInterface',
      'domainDocuments',
      'Domain.attachDevice',
      'domainDocuments',
      'Domain.xml',
      'Domain.setMetadata',
    ]);
    expect(await attach(context)).toBe('unchanged');
    expect(await detach(context, '10.9.0.2')).toBe('changed');
    expect(nics(context)).toStrictEqual(NONE);
    expect(await detach(context, '10.9.0.2')).toBe('unchanged');
  });

  it('that is in the domain alone is written down, and goes by its MAC address', async () => {
    const context = host();
    context.hypervisor.fault = (call) =>
      call === 'Domain.detachDevice' || call === 'Domain.setMetadata' ? 'other' : undefined;
    await expect(attach(context)).rejects.toThrow("cannot change VM 'my-vm'");
    expect(nics(context)).toStrictEqual({ stored: [ON], declared: [] });
    expect(context.progress.lines).toContain(
      'note: could not take back: the interface with MAC address be:ef:0a:09:00:02',
    );
    context.hypervisor.fault = () => undefined;
    expect(await attach(context)).toBe('unchanged');
    expect(nics(context)).toStrictEqual(BOTH);
    expect(await detach(context, NIC.mac)).toBe('changed');
    expect(nics(context)).toStrictEqual(NONE);
  });

  it.each<[string, (context: TestContext) => void, RegExp]>([
    [
      'on a bridge that is not there',
      ({ hypervisor }) => void hypervisor.interfaces.delete('br1'),
      /bridge 'br1' does not exist on the hypervisor/u,
    ],
    [
      'with an address of another VM',
      ({ hypervisor }) =>
        hypervisor.addDomain(
          'other',
          `<domain><name>other</name><devices><interface type='bridge'><mac address='${NIC.mac}'/></interface></devices></domain>`,
          'shut off',
        ),
      /10\.9\.0\.2 is used by VM 'other'/u,
    ],
    [
      'with an address of the hypervisor',
      ({ hypervisor }) =>
        void hypervisor.interfaces.set('br1', hostInterface('br1', { addresses: ['10.9.0.2/24'] })),
      /10\.9\.0\.2 is an address of the hypervisor itself/u,
    ],
  ])('%s is refused', async (_, change, words) => {
    const context = host();
    change(context);
    const before = context.hypervisor.census();
    await expect(attach(context)).rejects.toThrow(words);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('whose address a VM takes at the same time is taken back', async () => {
    const context = host();
    const { hypervisor } = context;
    hypervisor.fault = (call) => {
      if (call === 'Domain.attachDevice')
        hypervisor.addDomain(
          'other',
          `<domain><name>other</name><devices><interface type='bridge'><mac address='${NIC.mac}'/></interface></devices></domain>`,
          'shut off',
        );
      return undefined;
    };
    await expect(attach(context)).rejects.toThrow("10.9.0.2 is used by VM 'other'");
    expect(nics(context)).toStrictEqual(NONE);
  });

  it('is on another bridge already', async () => {
    const context = host();
    await attach(context);
    await expect(attach(context, { ...NIC, bridge: 'br0' })).rejects.toThrow('on br1');
  });

  it('is as before where any call fails, and the same command finishes it', async () => {
    const outcomes = await whileTimePasses(eachCall({ prepare: host, run: attach }, failOnce));
    expect(outcomes).toHaveLength(8);
    for (const { context, call, error } of outcomes) {
      // Where libvirt cannot tell of a bridge it is not looked at.
      const isDone = call === 'findInterface';
      expect([call, describeError(error) === 'success']).toStrictEqual([call, isDone]);
      expect([call, nics(context)]).toStrictEqual([call, isDone ? BOTH : NONE]);
      context.hypervisor.fault = () => undefined;
      await attach(context);
      expect([call, nics(context)]).toStrictEqual([call, BOTH]);
    }
  });
});
