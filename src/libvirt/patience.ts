import { HypervisorError } from '../errors/hypervisor-error.ts';
import type { FunctionName } from './abi.ts';
import { VIR_ERR, VIR_FROM } from './vir-error.ts';

/** How long plow waits for a server, and for whom. */

/**
 * A server that says nothing for 2 x (3 + 1) seconds counts as gone: every call on the connection then fails. Its
 * main loop answers, whatever its workers are busy with.
 * https://libvirt.org/html/libvirt-libvirt-host.html#virConnectSetKeepAlive
 */
export const KEEPALIVE = { seconds: 2, count: 3 } as const;

/** A call may wait 30 seconds for another one's job on the same domain, and a look into a large directory takes seconds. */
const CALL_DEADLINE_MS = 60_000;
/** Its answer waits for nobody's job: a server that does not give it hangs, which keepalive may be slow to tell. */
const QUICK: ReadonlySet<FunctionName> = new Set(['virDomainGetState']);
const QUICK_DEADLINE_MS = 4000;

export function deadlineOf(name: FunctionName): number {
  return QUICK.has(name) ? QUICK_DEADLINE_MS : CALL_DEADLINE_MS;
}

/** Calls that take as long as disks or memory need; from a dead server keepalive saves them too. */
export const UNBOUNDED = /^vir(?:StorageVol(?:Create|Resize|Upload|Delete)|Stream(?!Recv)|DomainCreate$)/u;

/** The error of a call that was given up. */
export function notInTime(
  call: FunctionName,
  milliseconds: number,
  reason: 'busy' | 'disconnected',
): HypervisorError {
  const message = `no answer within ${milliseconds / 1000} seconds`;
  return new HypervisorError(message, {
    reason,
    call,
    code: VIR_ERR.OPERATION_TIMEOUT,
    domain: VIR_FROM.RPC,
  });
}
