import { posix } from 'node:path';
import { dataDiskFile, isSeedFile } from '../../config/vm-paths.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { readBootDisk, readDisks } from '../../libvirt-xml/read/used-files.ts';
import type { DomainDisk } from '../../libvirt-xml/read/used-files.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { OwnFiles } from '../ownership/own-files.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { DestroyTarget } from './target.ts';

/** Where all goes. */
export const NOTHING: ReadonlySet<string> = new Set();

/** Why a disk stays though it is the VM's own. */
export const KEPT = 'data, kept: plow create --adopt-data takes it back';

/**
 * Paths of the disks of a VM that hold data: all but the one that it starts from. Each is looked at: what
 * stands on another file is worth nothing without it, and nobody would know that it is needed.
 * @param dropsTpm though the state of its TPM goes, with the keys of what its guest has sealed
 * @throws PlowError (operation, storage) where one of them cannot be kept
 */
export async function dataToKeep(
  target: DestroyTarget,
  context: VmContext,
  dropsTpm = false,
): Promise<ReadonlySet<string>> {
  const { name, metadata } = target;
  if (metadata === undefined) {
    throw new PlowError(
      'operation',
      `VM '${name}' was not made by plow: which of its disks hold data is not known`,
      { hint: `plow export --adopt ${shellArgument(name)} makes it one of plow's, if it can be` },
    );
  }
  const disks = dataOf(target, metadata);
  if (disks.size === 0) return NOTHING;
  if (!dropsTpm && hasTpmState(target.stored)) throw sealed(name);
  const looking = withPoolOn(metadata.directory, context, (pool) => kept(disks, pool, target, context));
  return explaining(looking, 'storage', `cannot look at the disks of VM '${name}'`);
}

/** Whether libvirt keeps something for it that a TPM remembers. */
export function hasTpmState(stored: XmlElement): boolean {
  return stored.first('devices', 'tpm', 'backend')?.attribute('type') === 'emulator';
}

function sealed(name: string): PlowError {
  return new PlowError(
    'operation',
    `VM '${name}' has a TPM, whose state goes with it: a data disk that its guest has sealed never opens again`,
    { hint: '--drop-tpm lets the state go' },
  );
}

/** Disks in the VM's directory by path: those that it has, and files of those that it was made with. */
function dataOf(
  { stored, live }: DestroyTarget,
  { directory, declared }: DomainMetadata,
): ReadonlyMap<string, DomainDisk | undefined> {
  const boot = new Set([stored, live].flatMap((document) => readBootDisk(document)?.path ?? []));
  const made = declared.dataDisks.map(
    ({ device }) => [`${directory}/${dataDiskFile(device)}`, undefined] as const,
  );
  const named = [stored, live]
    .flatMap(readDisks)
    .flatMap((disk) =>
      disk.device === 'disk' && disk.path !== undefined ? [[disk.path, disk] as const] : [],
    );
  const all = [...made, ...named].filter(([path]) => posix.dirname(path) === directory && !boot.has(path));
  return new Map(all);
}

/** Those that are there. @throws PlowError (operation), HypervisorError */
async function kept(
  disks: ReadonlyMap<string, DomainDisk | undefined>,
  pool: Pool,
  { name }: DestroyTarget,
  context: VmContext,
): Promise<ReadonlySet<string>> {
  const paths = new Set<string>();
  for (const [path, disk] of disks) {
    using found = await lookAt(pool, posix.basename(path), context);
    if (found === undefined && disk === undefined) continue;
    if (found === undefined) throw new PlowError('operation', `${path} is not there, and cannot be kept`);
    const below = found.facts.backingPath;
    if (below !== undefined)
      throw notKept(`${path} stands on ${below}, which would not be kept with it`, name);
    const file = disk === undefined ? posix.basename(path) : dataDiskFile(disk.target);
    if (posix.basename(path) !== file)
      throw notKept(`disk ${disk?.target} is ${path}, and create --adopt-data takes ${file} alone`, name);
    paths.add(path);
  }
  return paths;
}

function notKept(why: string, name: string): PlowError {
  return new PlowError('operation', why, {
    hint: `plow clone ${shellArgument(name)} NEW-NAME --ip ADDRESS makes a VM with disks that stand on nothing`,
  });
}

/**
 * The same files without those that are kept, and without what was there before a VM whose create died.
 * @throws PlowError (storage) where the seed cannot go: with it `plow gc` would take the directory for one of
 * a VM that is gone
 */
export function withoutKept(
  own: OwnFiles,
  { name, metadata }: DestroyTarget,
  keep: ReadonlySet<string>,
): OwnFiles {
  const { directory } = own;
  const isOwn = metadata?.directory === directory;
  const adopted = isOwn
    ? (metadata.adopted ?? []).map((device) => `${directory}/${dataDiskFile(device)}`)
    : [];
  const staying = new Set([...keep, ...adopted]);
  if (staying.size === 0) return own;
  refuseSeed(name, directory, own.left);
  const ours = [...staying].filter((path) => own.files.has(posix.basename(path)));
  const names = new Set(ours.map((path) => posix.basename(path)));
  return {
    ...own,
    files: new Map([...own.files].filter(([file]) => !names.has(file))),
    expected: new Set([...own.expected].filter((file) => !names.has(file))),
    left: new Map([...own.left, ...ours.map((path) => [path, KEPT] as const)]),
  };
}

/** @throws PlowError (storage) where the seed stays beside disks that are kept */
export function refuseSeed(name: string, directory: string, left: ReadonlyMap<string, string>): void {
  const found = [...left].find(
    ([path]) => posix.dirname(path) === directory && isSeedFile(posix.basename(path)),
  );
  if (found === undefined) return;
  const [seed, why] = found;
  throw new PlowError(
    'storage',
    `the disks of VM '${name}' cannot be kept: ${seed} has to go, and stays (${why})`,
  );
}
