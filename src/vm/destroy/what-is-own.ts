import { posix } from 'node:path';
import { CONSOLE_LOG_PARTS, machineFiles } from '../../config/vm-paths.ts';
import { readConsoleLogs, readDisks } from '../../libvirt-xml/read/used-files.ts';
import type { VmContext } from '../context.ts';
import { findOwnFiles } from '../ownership/own-files.ts';
import type { OwnFiles } from '../ownership/own-files.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import type { Going } from '../ownership/used-files.ts';
import { withoutKept } from './keep-data.ts';
import type { DestroyTarget } from './target.ts';

/**
 * What of a VM that is to go is provably its own, and why.
 * @param keep paths of files that stay all the same
 * @throws PlowError, HypervisorError
 */
export async function ownFilesOf(
  target: DestroyTarget,
  keep: ReadonlySet<string>,
  context: VmContext,
): Promise<{ readonly own: OwnFiles; readonly snapshots: number }> {
  const { name, uuid, stored, live, metadata } = target;
  const usage = await usersOfFiles(uuid, goingOf(target), context);
  const { storagePath } = context;
  const own = await findOwnFiles({ name, stored, live, metadata, storagePath, usage }, context);
  return { own: withoutKept(own, target, keep), snapshots: usage.snapshots };
}

/**
 * Whatever of a VM may turn out to be its own: also what metadata do not tell of, disks that were added later
 * and those it runs with.
 */
function goingOf(target: DestroyTarget): Going {
  const disks = [target.stored, target.live].flatMap(readDisks);
  const logs = [target.stored, target.live].flatMap(readConsoleLogs);
  const parts = logs.flatMap((log) => CONSOLE_LOG_PARTS.map((part) => posix.join(posix.dirname(log), part)));
  const paths = [
    ...new Set([...namedFiles(target), ...disks.flatMap(({ path }) => path ?? []), ...logs, ...parts]),
  ];
  return { names: new Set(paths.map((path) => posix.basename(path))), paths };
}

/** As far as the VM itself says. */
export function namedFiles({ stored, metadata }: DestroyTarget): readonly string[] {
  const logs = readConsoleLogs(stored);
  if (metadata !== undefined)
    return [...pathsOf(metadata.directory, machineFiles(metadata.declared)), ...new Set(logs)];
  return [...readDisks(stored).flatMap(({ path }) => path ?? []), ...new Set(logs)];
}

export function pathsOf(directory: string, files: readonly string[]): readonly string[] {
  return [directory, ...files.map((file) => `${directory}/${file}`)];
}
