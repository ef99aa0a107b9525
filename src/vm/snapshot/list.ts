import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { nearest } from '../../text/nearest.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { whyNot } from './chains.ts';
import type { Chains } from './chains.ts';
import { chainsOf, readVm } from './look.ts';
import type { SnapshotVm } from './look.ts';
import type { SnapshotRecord } from '../../libvirt-xml/snapshot/read.ts';

/** A snapshot as a person wants to know it. */
export interface ListedSnapshot {
  readonly name: string;
  readonly description: string | undefined;
  readonly createdAt: Date;
  /** The snapshot before it, on which it stands. */
  readonly parent: string | undefined;
  /** Whether the VM came from it last. */
  readonly isCurrent: boolean;
  /** Why the VM cannot go back to it; undefined where it can. */
  readonly obstacle: string | undefined;
  readonly disks: readonly { readonly target: string; readonly files: readonly string[] }[];
}

/** The oldest first. @throws PlowError */
export async function listSnapshots(domain: Domain, context: VmContext): Promise<readonly ListedSnapshot[]> {
  return looking(domain, async () => listed(await readVm(domain, context.hypervisor.places), context));
}

/** One of them. @throws PlowError */
export async function listedSnapshot(
  domain: Domain,
  wanted: string,
  context: VmContext,
): Promise<ListedSnapshot> {
  return looking(domain, async () => {
    const vm = await readVm(domain, context.hypervisor.places);
    const found = (await listed(vm, context)).find(({ name }) => name === wanted);
    if (found === undefined) throw unknownSnapshot(vm, wanted);
    return found;
  });
}

async function looking<T>({ name }: Domain, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainOfVm(error, name, `cannot look at the snapshots of VM '${name}'`);
  }
}

async function listed(vm: SnapshotVm, context: VmContext): Promise<readonly ListedSnapshot[]> {
  if (vm.records.length === 0) return [];
  const chains = await lookInto(vm, context);
  const oldestFirst = vm.records.toSorted(
    (one, other) => one.createdAt - other.createdAt || depthOf(one, vm) - depthOf(other, vm),
  );
  return oldestFirst.map((record) => ({
    name: record.name,
    description: record.description,
    createdAt: new Date(record.createdAt * 1000),
    parent: record.parent,
    isCurrent: record.name === vm.current,
    obstacle: whyNot(record, chains),
    disks: record.disks.map(({ target, paths }) => ({ target, files: paths })),
  }));
}

/** How many are before it: of two that were taken in one second. */
function depthOf({ parent }: SnapshotRecord, { records }: SnapshotVm): number {
  const seen = new Set<string>();
  for (let at = parent; at !== undefined && !seen.has(at);) {
    seen.add(at);
    at = records.find(({ name }) => name === at)?.parent;
  }
  return seen.size;
}

async function lookInto(vm: SnapshotVm, context: VmContext): Promise<Chains> {
  try {
    return await withPoolOn(vm.directory, context, (pool) => chainsOf(vm, pool, context));
  } catch (error) {
    if (!isReason(error, 'no-such-file')) throw error;
    const { directory, records: snapshots, nvram } = vm;
    return { directory, disks: [], snapshots, files: new Map(), hasNvram: nvram !== undefined };
  }
}

export function unknownSnapshot({ name, records }: SnapshotVm, wanted: string): PlowError {
  const meant = nearest(
    wanted,
    records.map((record) => record.name),
  );
  const all = `plow snapshot list ${shellArgument(name)} shows those there are`;
  return new PlowError('operation', `VM '${name}' has no snapshot '${wanted}'`, {
    hint: meant === undefined ? all : `did you mean '${meant}'?`,
  });
}
