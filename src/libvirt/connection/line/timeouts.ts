import { HypervisorError } from '../../../errors/hypervisor-error.ts';
import type { FunctionName } from '../../abi/functions.ts';
import { VIR_ERR, VIR_FROM } from '../../abi/error.ts';

/** How long plow waits for a server, and for whom. */

/**
 * A call may wait 30 seconds for another one's job on the same domain, and a look into a large directory
 * takes seconds.
 */
const CALL_DEADLINE_MS = 60_000;
/** Its answer waits for nobody's job: a server that lives and does not give it hangs all the same. */
const QUICK: ReadonlySet<FunctionName> = new Set(['virDomainGetState']);
/**
 * Answered from memory too, but perhaps by another daemon behind the one that plow talks to (virtstoraged,
 * virtinterfaced): keepalive knows nothing of that one.
 */
const LOOK_UPS =
  /^vir(?:StoragePoolLookupBy|ConnectListAllStoragePools|InterfaceLookupBy|ConnectListAllInterfaces)/u;
/** Beyond what keepalive takes, which knows better. */
const QUICK_MS = 1000;

/** @param silenceMs after which keepalive gives the server up */
export function deadlineOf(name: FunctionName, silenceMs: number): number {
  return QUICK.has(name) || LOOK_UPS.test(name) ? silenceMs + QUICK_MS : CALL_DEADLINE_MS;
}

/** Calls that take as long as disks or memory need; from a dead server keepalive saves them too. */
export const UNBOUNDED = /^vir(?:StorageVol(?:Create|Resize|Upload|Delete)|Stream(?!Recv)|DomainCreate$)/u;

/** The error of a call that was given up. */
export function notInTime(
  call: FunctionName,
  milliseconds: number,
  reason: 'busy' | 'disconnected',
  uri?: string,
): HypervisorError {
  const message = `no answer within ${milliseconds / 1000} seconds`;
  return new HypervisorError(message, {
    reason,
    uri,
    call,
    code: VIR_ERR.OPERATION_TIMEOUT,
    domain: VIR_FROM.RPC,
  });
}

/**
 * As notInTime, of a call whose own deadline is over.
 * @param uri of the server, which is what hangs if the call is quick
 */
export function lateAnswer(call: FunctionName, milliseconds: number, uri: string): HypervisorError {
  return notInTime(call, milliseconds, 'disconnected', QUICK.has(call) ? uri : undefined);
}

/** Of a line that broke while no call was in flight that could say why. */
export function lineBroke(uri: string): HypervisorError {
  return new HypervisorError('the connection is not alive any more', {
    reason: 'disconnected',
    uri,
    call: 'virConnectIsAlive',
    code: VIR_ERR.RPC,
    domain: VIR_FROM.RPC,
  });
}
