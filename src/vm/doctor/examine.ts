import { isReason } from '../../errors/hypervisor-error.ts';
import type { FailureKind } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { DiskUsage } from '../../hypervisor/storage.ts';
import { AskedOnce } from '../features/ask.ts';
import { chooseDirectories } from '../host/choose-directories.ts';
import { daemonDown, explain } from '../failure.ts';
import { checkAddresses } from './addresses.ts';
import { checkBridges } from './bridges.ts';
import type { CheckName } from './check-names.ts';
import { checkConsoleLog } from './console-log.ts';
import { checkSecureBoot, checkTpm, checkVirtiofs } from './devices/checks.ts';
import { checkHugepages } from './devices/hugepages.ts';
import { READ_ONLY, unknown } from './finding.ts';
import type { Check, CheckResult, Examination, Finding } from './finding.ts';
import { checkKvm } from './kvm.ts';
import { checkBgp, checkRouting, routingOf } from './routing/checks.ts';
import { checkSecurity } from './security.ts';
import { checkSpace } from './space.ts';
import { checkDirectIo, checkStoragePath } from './storage.ts';
import { checkPlace } from './place.ts';
import { checkClock, checkShutdown } from './this-machine.ts';
import { checkUefi } from './uefi.ts';
import { checkLibvirt, checkQemu } from './versions.ts';
import { checkVmDirectories } from './vm-directories.ts';

/** In the order in which they are told. */
const CHECKS: readonly (readonly [CheckName, Check])[] = [
  ['libvirt', checkLibvirt],
  ['libvirt', checkPlace],
  ['qemu', checkQemu],
  ['kvm', checkKvm],
  ['uefi', checkUefi],
  ['secure-boot', checkSecureBoot],
  ['tpm', checkTpm],
  ['virtiofs', checkVirtiofs],
  ['hugepages', checkHugepages],
  ['storage-path', checkStoragePath],
  ['storage-path', checkVmDirectories],
  ['direct-io', checkDirectIo],
  ['space', checkSpace],
  ['security', checkSecurity],
  ['bridges', checkBridges],
  ['addresses', checkAddresses],
  ['routing', checkRouting],
  ['bgp', checkBgp],
  ['shutdown', checkShutdown],
  ['clock', checkClock],
  ['console-log', checkConsoleLog],
];

const OF_STORAGE: ReadonlySet<CheckName> = new Set(['storage-path', 'direct-io', 'space']);

/** Of a hypervisor; asks nothing yet. */
export function examinationOf(context: VmContext): Examination {
  const { hypervisor } = context;
  let diskUsages: Promise<readonly DiskUsage[]> | undefined;
  let known: Promise<readonly DomainDocument[]> | undefined;
  let routing: ReturnType<typeof routingOf> | undefined;
  const documents = (): Promise<readonly DomainDocument[]> => (known ??= hypervisor.domainDocuments());
  return {
    context,
    directories: chooseDirectories(context),
    host: new AskedOnce(hypervisor),
    diskUsages: () => (diskUsages ??= hypervisor.diskUsages()),
    documents,
    routing: () => (routing ??= routingOf(context, documents)),
  };
}

/**
 * Looks at a hypervisor, whatever VM it may be for: each check by itself, and one that goes wrong is a
 * failure in the result. Changes nothing, but for pools that it lends to directories.
 * @param examination of the same hypervisor, for whoever asks more of it
 * @throws PlowError (connection), Interrupted
 */
export async function examine(
  context: VmContext,
  examination: Examination = examinationOf(context),
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [check, work] of CHECKS) {
    context.signal.throwIfAborted();
    const findings = [await attempt(work, examination)].flat();
    const isNew = ({ text }: Finding): boolean =>
      !results.some((one) => one.check === check && one.text === text);
    results.push(...findings.filter(isNew).map((finding) => ({ ...finding, check })));
  }
  return results;
}

async function attempt(work: Check, examination: Examination): Promise<Finding | readonly Finding[]> {
  try {
    return await work(examination);
  } catch (error) {
    if (isReason(error, 'disconnected')) throw explain(error, 'connection', 'cannot go on');
    if (isReason(error, 'forbidden')) return unknown(READ_ONLY);
    if (isReason(error, 'daemon-down')) {
      const { what, repair } = daemonDown(error);
      return { status: 'failure', code: 'daemon-down', text: `could not be checked: ${what}`, repair };
    }
    const words = error instanceof Error ? error.message : String(error);
    return { status: 'failure', code: 'check-failed', text: `could not be checked: ${words}` };
  }
}

/** What went wrong as a whole; undefined where nothing failed. */
export function verdict(results: readonly CheckResult[]): FailureKind | undefined {
  const failed = results.filter(({ status }) => status === 'failure');
  if (failed.length === 0) return undefined;
  return failed.every(({ check }) => OF_STORAGE.has(check)) ? 'storage' : 'validation';
}
