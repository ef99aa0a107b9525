import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { PoolFacts } from '../../libvirt-xml/read/storage.ts';
import type { Directories, Missing } from './directories.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { FileSystemFlaw, LocalEntry, LocalFacts, LocalView } from '../../hypervisor/local.ts';
import type { HostProblem } from '../host-problem.ts';
import { describePermissions } from '../storage/qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { findFlawProblem } from './storage-path.ts';
import { isOpenToStrangers, masterOf } from './strangers.ts';

/** Of a session, where libvirt and QEMU can do what whoever runs plow can, and no more. */

type View = Pick<Hypervisor, 'isSession' | keyof LocalView>;

const ELSEWHERE = 'give another with --storage-path';

/** What keeps the user of a session of this machine from a directory that is there. */
async function ownProblem(path: string, hypervisor: View): Promise<HostProblem | undefined> {
  const { isSession, local } = hypervisor;
  if (!isSession || local === undefined) return undefined;
  const entry = await local.look(path);
  if (entry === 'EACCES') {
    return { text: `you may not pass through a directory above the storage path ${path}`, repair: ELSEWHERE };
  }
  if (typeof entry !== 'object' || entry.type !== 'dir') return undefined;
  return (await hypervisor.mayUse(path)) === false
    ? closed(path, entry, await isMine(entry, local))
    : undefined;
}

function closed(path: string, entry: LocalEntry, mine: boolean): HostProblem {
  const text = `you may not read the storage path ${path} and write to it, which QEMU does as you (it has ${describePermissions(entry)})`;
  return { text, repair: mine ? `chmod u+rwx ${shellQuote(path)}` : ELSEWHERE };
}

async function isMine({ owner }: LocalEntry, local: LocalFacts): Promise<boolean> {
  const self = await local.look('/proc/self');
  return typeof self === 'object' && self.owner === owner;
}

/**
 * What is known of the storage path, or why whoever libvirt works for may not use it: on this machine plow
 * looks first, elsewhere libvirt says so. @throws HypervisorError
 */
export async function lookAtPath(
  path: string,
  directories: Directories,
  hypervisor: View,
): Promise<{ readonly facts: PoolFacts | Missing } | { readonly closed: HostProblem }> {
  const problem = await ownProblem(path, hypervisor);
  if (problem !== undefined) return { closed: problem };
  try {
    return { facts: await directories.facts(path) };
  } catch (error) {
    if (!hypervisor.isSession || !isReason(error, 'denied')) throw error;
    const text = `the user of this session may not read the storage path ${path}`;
    return { closed: { text, repair: 'give a directory of that user with --storage-path' } };
  }
}

/** The nearest directory above a path that is missing, or what stands in its place. */
export interface Above {
  readonly path: string;
  /** The error's code where it cannot be looked at. */
  readonly entry: LocalEntry | string;
}

/** Undefined on another machine. */
export async function nearestAbove(path: string, { local }: Pick<View, 'local'>): Promise<Above | undefined> {
  if (local === undefined) return undefined;
  const above = posix.dirname(path);
  const entry = await local.look(above);
  if (entry === 'ENOENT' && above !== path) return nearestAbove(above, { local });
  return { path: above, entry };
}

/** What keeps plow from making the storage path of a session, told by the nearest directory above. */
export async function whyNotMade(
  { path, entry }: Above,
  flaws: readonly FileSystemFlaw[],
  hypervisor: View,
): Promise<HostProblem | undefined> {
  const cannot = `the storage path cannot be made below ${path}`;
  const refused = (why: string): HostProblem => ({ text: `${cannot}: ${why}`, repair: ELSEWHERE });
  if (typeof entry !== 'object') return refused('you may not look there');
  if (entry.type !== 'dir') return refused('it is not a directory');
  const master = await masterOf({ qemuUser: undefined }, hypervisor);
  const has = `(it has ${describePermissions(entry)})`;
  if (isOpenToStrangers(entry, master))
    return refused(`users other than you and root may change what is in it ${has}`);
  if ((await hypervisor.mayUse(path)) === false) return refused(`you may not write there ${has}`);
  return findFlawProblem(path, flaws, hypervisor);
}
