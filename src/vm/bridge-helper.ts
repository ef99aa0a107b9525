import type { HostProblem } from './host-problem.ts';
import { shellQuote } from '../text/shell-quote.ts';

/**
 * What keeps a QEMU of an ordinary user from a bridge: in a session libvirt has QEMU's bridge helper plug it
 * in, which works as root and only where root allows it.
 */

/** Where Debian's and Fedora's QEMU look; others may have other places. */
export const BRIDGE_CONF = '/etc/qemu/bridge.conf';
export const TUN = '/dev/net/tun';

export function notAllowed(bridge: string): HostProblem {
  return {
    text: `QEMU's bridge helper may not serve bridge '${bridge}', which ${BRIDGE_CONF} does not allow`,
    repair: `echo ${shellQuote(`allow ${bridge}`)} | sudo tee -a ${BRIDGE_CONF}`,
  };
}

export function noBridgeConf(bridge: string): HostProblem {
  return {
    text: `QEMU's bridge helper serves no bridge, as there is no ${BRIDGE_CONF}, or it may not read it`,
    repair: `sudo mkdir -p /etc/qemu && echo ${shellQuote(`allow ${bridge}`)} | sudo tee -a ${BRIDGE_CONF}`,
  };
}

export function notSetuid(helper: string): HostProblem {
  return {
    text: "QEMU's bridge helper has not the rights of root, and can plug in nothing",
    repair: `sudo chmod u+s ${shellQuote(helper)}`,
  };
}

export const CLOSED_TUN: HostProblem = {
  text: `you may not open ${TUN}, which plugs VMs into bridges`,
  repair: `sudo chmod 0666 ${TUN}`,
};

const NO_TUN: HostProblem = {
  text: `there is no ${TUN}, which plugs VMs into bridges`,
  repair: 'sudo modprobe tun',
};

const FAILED =
  /(?<helper>\/\S+) .*--br=(?<bridge>\S+) .*failed to communicate with bridge helper: (?<words>[^]*)$/u;

/** What libvirt's words of a start say of it; undefined where they are about something else. */
export function bridgeHelperProblem(said: string): HostProblem | undefined {
  const { helper = '', bridge = '', words } = FAILED.exec(said)?.groups ?? {};
  if (words === undefined) return undefined;
  if (words.includes('failed to parse default acl file')) return noBridgeConf(bridge);
  if (words.includes('access denied by acl file')) return notAllowed(bridge);
  if (/failed to create tun device: Operation not permitted/u.test(words)) return notSetuid(helper);
  if (/failed to open \/dev\/net\/tun: No such/u.test(words)) return NO_TUN;
  return words.includes('failed to open /dev/net/tun') ? CLOSED_TUN : unsaid(helper, bridge);
}

/** libvirt does not always wait for the words of the helper. */
function unsaid(helper: string, bridge: string): HostProblem {
  return {
    text: `QEMU's bridge helper failed for bridge '${bridge}'`,
    repair: `plow doctor on the hypervisor tells what it lacks (it needs the setuid bit on ${helper}, a line 'allow ${bridge}' in ${BRIDGE_CONF}, and ${TUN} open to all)`,
  };
}
