import type { BridgedInterface, Machine } from '../../config/machine.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import { judgeOne } from '../features/ask.ts';
import { refusal } from '../features/judge.ts';
import { withRepair } from '../host-problem.ts';
import type { NetworkInspection } from './bridge.ts';

type Inspection = Pick<NetworkInspection, 'context' | 'questions' | 'report' | 'notChecked'>;

/**
 * Complains of interfaces that libvirt would refuse at the start, or give something else than was asked for:
 * routed ones and tags in a session, tags where libvirt or the bridge has none. Asks only where there are
 * any.
 * @throws HypervisorError
 */
export async function inspectModes(
  { interfaces }: Pick<Machine, 'interfaces'>,
  inspection: Inspection,
): Promise<void> {
  const { isSession } = inspection.context.hypervisor;
  for (const [index, one] of interfaces.entries()) {
    const path = ['network_interfaces', index];
    if (isSession && one.mode === 'ethernet')
      inspection.report(
        [...path, 'mode'],
        'libvirt of a session makes no tap device: connect to qemu:///system',
      );
    if (one.mode === 'bridge' && one.vlan !== undefined)
      await inspectVlan(one, [...path, 'vlan'], inspection);
  }
}

async function inspectVlan(
  { bridge, vlan }: BridgedInterface,
  path: readonly (string | number)[],
  { context, questions, report, notChecked }: Inspection,
): Promise<void> {
  const { isSession, local } = context.hypervisor;
  if (isSession) {
    const text =
      "QEMU's bridge helper, which plugs VMs of a session in, gives no tags: connect to qemu:///system";
    return report(path, text);
  }
  const judged = await judgeOne('bridge-vlan', questions.source);
  if (judged.has === false) return report(path, refusal(judged));
  if (judged.has === undefined) notChecked({ check: 'vlan', why: judged.why });
  if (local === undefined) {
    notChecked({ check: 'vlan', why: 'plow does not run on the hypervisor' });
    return undefined;
  }
  const filters = await filtersVlans(bridge, local);
  if (filters === 'no-kernel')
    return report(
      path,
      `the kernel of the hypervisor has no VLANs on bridges (CONFIG_BRIDGE_VLAN_FILTERING)`,
    );
  if (filters === undefined) notChecked({ check: 'vlan', why: `this machine shows no bridge '${bridge}'` });
  if (filters !== false) return undefined;
  const text = `bridge '${bridge}' does not filter VLANs, so that the tag ${vlan} would do nothing`;
  return report(path, withRepair({ text, repair: `ip link set ${bridge} type bridge vlan_filtering 1` }));
}

/** Undefined where this machine has no such bridge, or shows none. */
async function filtersVlans(bridge: string, local: LocalFacts): Promise<boolean | 'no-kernel' | undefined> {
  const directory = `/sys/class/net/${bridge}/bridge`;
  const text = await local.read(`${directory}/vlan_filtering`);
  if (text !== undefined) return text.trim() !== '0';
  return (await local.names(directory)) === undefined ? undefined : 'no-kernel';
}
