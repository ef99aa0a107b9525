import { posix } from 'node:path';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import type { Permissions, PoolFacts, VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { describePermissions, qemuAccess } from '../storage/qemu-access.ts';
import type { QemuUser } from '../storage/qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { HostProblem } from '../host-problem.ts';

/**
 * QEMU keeps files of its own below these, wherever libvirt is installed: nobody need look whether it can.
 */
const LIBVIRTS_OWN: ReadonlySet<string> = new Set(['/', '/var', '/var/lib', '/var/lib/libvirt']);

/**
 * A directory that cannot be looked into, and why. `unseen`: as it is now, only a change on the hypervisor
 * would show it.
 */
export type Missing = 'no-such-file' | 'not-a-directory' | 'unseen';

/** What a directory holds. */
export interface DirectoryView {
  /** A file or directory in it; undefined where there is none. */
  entry(name: string): Promise<VolumeFacts | undefined>;
  /** The first bytes of a file; undefined where they cannot be had. */
  head(name: string, mostBytes: number): Promise<Uint8Array | undefined>;
  /** Undefined where they cannot be told. */
  names(): Promise<readonly string[] | undefined>;
}

/** What is known of the hypervisor's directories. Each call of it may throw HypervisorError. */
export interface Directories {
  /** Why each that was `unseen` was not seen, by path: `no pool shows /a`. */
  readonly unseen: ReadonlyMap<string, string>;
  /** Runs `work` on a directory. @returns why it cannot be looked into */
  visit<T>(path: string, work: (view: DirectoryView) => Promise<T>): Promise<T | Missing>;
  /** What is known of the directory itself; asked once. */
  facts(path: string): Promise<PoolFacts | Missing>;
}

/** Those that can be looked at before anybody asks: whoever asks meanwhile waits for what comes of it. */
export interface EarlyDirectories extends Directories {
  /**
   * Ends when all has been seen, and never fails: who asks is told. @param work what will be asked; undefined
   * for no more than what is known of the directory itself
   */
  lookEarly(path: string, work?: (view: DirectoryView) => Promise<unknown>): Promise<void>;
}

/**
 * What keeps QEMU's user from passing through a directory and those above it, as far as it is certain.
 * @throws HypervisorError
 */
export async function impassable(
  directory: string,
  directories: Directories,
  { qemuUser }: Pick<HostFacts, 'qemuUser'>,
): Promise<HostProblem | undefined> {
  if (qemuUser === undefined) return undefined;
  for (const path of wayOf(directory)) {
    const facts = await directories.facts(path);
    const problem = typeof facts === 'object' ? closedTo(qemuUser, path, facts.permissions) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Of one directory, as far as it is certain. */
function closedTo(
  user: QemuUser,
  path: string,
  permissions: Permissions | undefined,
): HostProblem | undefined {
  if (permissions === undefined || qemuAccess(user, permissions, 'search') !== 'no') return undefined;
  return {
    text: `QEMU's user (uid ${user.uid}) may not pass through ${path} (it has ${describePermissions(permissions)})`,
    repair: `chmod o+x ${shellQuote(path)}`,
  };
}

/** A directory and those above it, and those that these really are; without libvirt's own. */
export async function wayTo(
  directory: string,
  hypervisor: Pick<Hypervisor, 'realPath'>,
): Promise<readonly string[]> {
  const real = (await hypervisor.realPath(directory)) ?? directory;
  const all = new Set([...ancestors(directory), ...ancestors(real)]);
  return [...all].filter((path) => !LIBVIRTS_OWN.has(path));
}

/** Those of `impassable`, in its order. */
export function wayOf(directory: string): readonly string[] {
  return ancestors(directory).filter((path) => !LIBVIRTS_OWN.has(path));
}

/** `/a/b` gives `/`, `/a`, `/a/b`. */
function ancestors(path: string): readonly string[] {
  return path === '/' ? ['/'] : [...ancestors(posix.dirname(path)), path];
}
