import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import { BRIDGE_CONF, CLOSED_TUN, noBridgeConf, notAllowed, notSetuid, TUN } from '../bridge-helper.ts';
import type { HostProblem } from '../host-problem.ts';

/** Where Debian and Fedora have it. */
const HELPERS = ['/usr/lib/qemu/qemu-bridge-helper', '/usr/libexec/qemu-bridge-helper'];
const SETUID = 0o4000;
const FOR_ALL = 0o006;

/** What keeps VMs of a session from a bridge. */
export interface BridgeTrouble extends HostProblem {
  /** False where an ACL or a capability of a file may allow what its mode does not. */
  readonly isSure: boolean;
}

/** @returns nothing for the system, and for a session of another machine, where nobody can look */
export async function bridgeTroubles(
  bridge: string,
  { isSession, local }: Pick<Hypervisor, 'isSession' | 'local'>,
): Promise<readonly BridgeTrouble[]> {
  if (!isSession || local === undefined) return [];
  const troubles: (BridgeTrouble | undefined)[] = [
    await refused(bridge, local),
    await withoutRights(local),
    await closedDevice(local),
  ];
  return troubles.filter((one) => one !== undefined);
}

/** qemu-bridge-helper(8): one line that allows is enough, one that denies is too much. */
async function refused(bridge: string, local: LocalFacts): Promise<BridgeTrouble | undefined> {
  const text = await local.read(BRIDGE_CONF);
  if (text === undefined) {
    // One that is there and hidden from others is read by the helper, which is root.
    const isThere = (await local.look(BRIDGE_CONF)) !== 'ENOENT';
    return isThere ? undefined : { ...noBridgeConf(bridge), isSure: true };
  }
  const rules = text.split('\n').map((line) => line.trim().split(/\s+/u));
  if (rules.some(([verb]) => verb === 'include')) return undefined;
  const says = (wanted: string): boolean =>
    rules.some(([verb, name = '']) => verb === wanted && (name === bridge || name === 'all'));
  return says('allow') && !says('deny') ? undefined : { ...notAllowed(bridge), isSure: true };
}

async function withoutRights(local: LocalFacts): Promise<BridgeTrouble | undefined> {
  for (const helper of HELPERS) {
    const entry = await local.look(helper);
    if (typeof entry !== 'object') continue;
    return (entry.mode & SETUID) === 0 ? { ...notSetuid(helper), isSure: false } : undefined;
  }
  return undefined;
}

async function closedDevice(local: LocalFacts): Promise<BridgeTrouble | undefined> {
  const entry = await local.look(TUN);
  if (typeof entry !== 'object' || (entry.mode & FOR_ALL) === FOR_ALL) return undefined;
  return { ...CLOSED_TUN, isSure: false };
}
