import { describe, expect, it } from 'vitest';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import type { NetworkInterface } from '../../../../src/config/machine.ts';
import { inspectNetwork } from '../../../../src/vm/network/inspect-network.ts';
import { minimalMachine, networkInterface, routedInterface } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { hostInterface } from '../fake/pieces.ts';
import { inspectionOf } from '../inspection.ts';
import type { Told } from '../inspection.ts';

async function inspect(one: NetworkInterface, context: TestContext): Promise<Told> {
  const told: Told = { diagnostics: [], notChecked: [] };
  await inspectNetwork(minimalMachine({ interfaces: [one] }), inspectionOf(context, told));
  return told;
}

/** This machine, with these files. */
function local(files: Readonly<Record<string, string>>): LocalFacts {
  return {
    exists: async (path) => path in files,
    read: async (path) => files[path],
    look: async () => 'ENOENT',
    names: async (directory) => {
      const names = Object.keys(files).filter((path) => path.startsWith(`${directory}/`));
      return names.length === 0 ? undefined : names;
    },
    output: async () => undefined,
  };
}

const BRIDGE = '/sys/class/net/br0/bridge';

describe('a routed interface', () => {
  it('needs no bridge, and nobody is asked for one', async () => {
    const context = testContext();
    expect((await inspect(routedInterface(), context)).diagnostics).toStrictEqual([]);
    expect(context.hypervisor.calls).not.toContain('findInterface');
  });

  it.each([
    ['a VM of Ansible, by its tap', `<interface type='ethernet'><target dev='vm0a371616'/></interface>`],
    ['a VM with its MAC address', `<interface type='bridge'><mac address='be:ef:0a:37:16:16'/></interface>`],
  ])('has not the address of %s', async (_, device) => {
    const context = testContext();
    context.hypervisor.addDomain('other', `<domain><devices>${device}</devices></domain>`, 'running');
    const { diagnostics } = await inspect(routedInterface(), context);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toContain("network_interfaces.0.ip: 10.55.22.22 is used by VM 'other'");
  });

  it('is nothing for a session', async () => {
    const context = testContext();
    context.hypervisor.isSession = true;
    expect((await inspect(routedInterface(), context)).diagnostics).toStrictEqual([
      'network_interfaces.0.mode: libvirt of a session makes no tap device: connect to qemu:///system',
    ]);
  });
});

function host(version: number, files?: Readonly<Record<string, string>>): TestContext {
  const context = testContext();
  context.hypervisor.interfaces.set('br0', hostInterface('br0'));
  context.hypervisor.libvirtVersion = async () => version;
  context.hypervisor.local = files && local(files);
  return context;
}

describe('a VLAN', () => {
  const tagged = networkInterface({ vlan: 100 });

  it('is refused by a libvirt before 11.0, with the version and what helps', async () => {
    const { diagnostics } = await inspect(tagged, host(9_000_000));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatch(
      /^network_interfaces\.0\.vlan: this hypervisor has no VLAN tag .*\(libvirt 9\.0\.0; 11\.0\.0 and later have it\): leave out vlan/u,
    );
  });

  it.each([
    ['filters none', { [`${BRIDGE}/vlan_filtering`]: '0\n' }, 'ip link set br0 type bridge vlan_filtering 1'],
    ['is of a kernel without them', { [`${BRIDGE}/stp_state`]: '0\n' }, 'CONFIG_BRIDGE_VLAN_FILTERING'],
  ])('is refused where the bridge %s', async (_, files, words) => {
    const { diagnostics } = await inspect(tagged, host(11_000_000, files));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toContain(words);
  });

  it('is taken where the bridge filters', async () => {
    const { diagnostics, notChecked } = await inspect(
      tagged,
      host(11_003_000, { [`${BRIDGE}/vlan_filtering`]: '1\n' }),
    );
    expect(diagnostics).toStrictEqual([]);
    expect(JSON.stringify(notChecked)).not.toContain('vlan');
  });

  it('is not looked at on another host', async () => {
    const { diagnostics, notChecked } = await inspect(tagged, host(11_000_000));
    expect(diagnostics).toStrictEqual([]);
    expect(JSON.stringify(notChecked)).toContain('plow does not run on the hypervisor');
  });
});
