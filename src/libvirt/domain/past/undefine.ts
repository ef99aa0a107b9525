import type { Pointer } from '../../abi/native.ts';
import type { Connection } from '../../connection/connection.ts';
import { firstAccepted } from '../../connection/first-accepted.ts';

/**
 * virDomainUndefineFlagsValues, newest last.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainUndefineFlagsValues
 */
const MANAGED_SAVE = 1;
const SNAPSHOTS_METADATA = 2;
const NVRAM = 4;
const KEEP_NVRAM = 8;
const CHECKPOINTS_METADATA = 16;
const TPM = 32;

/**
 * Forgets a domain with what libvirt knows of its past. A libvirt that does not know the newest flag refuses
 * all of them: it is asked again with one fewer.
 * @throws HypervisorError
 */
export async function undefine(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  keepNvram: boolean,
): Promise<void> {
  const nvram = keepNvram ? KEEP_NVRAM : NVRAM;
  const known = [MANAGED_SAVE, SNAPSHOTS_METADATA, nvram, CHECKPOINTS_METADATA, TPM];
  const fewer = known.map((_, index) => known.slice(0, known.length - index));
  const attempts = [...fewer, []].map((flags) => flags.reduce((all, flag) => all | flag, 0));
  await firstAccepted(attempts, (flags) => connection.call('virDomainUndefineFlags', domain, flags));
}
