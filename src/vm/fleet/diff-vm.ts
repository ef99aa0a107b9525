import type { LoadedMachine, Machine } from '../../config/machine.ts';
import { CDROM_TARGET } from '../../config/values/media.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { VmContext } from '../context.ts';
import { lookAtDisks } from '../export/evidence.ts';
import type { OnFailure } from '../export/evidence.ts';
import { lookAtConfig } from '../export/ignition/look-at-config.ts';
import { withNamedImage } from '../image-store/named-image.ts';
import { explainOfVm, findVm } from '../list/unknown-vm.ts';
import { guessFree } from '../storage/directory-pool.ts';
import { readDocument } from '../read-document.ts';
import type { Change } from './change.ts';
import { guestChanges } from './guest-changes.ts';
import { machineChanges, settledIn, wantedOf } from './machine-changes.ts';
import type { Standing } from './words.ts';

export interface VmDiff {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly standing: Standing;
  readonly changes: readonly Change[];
  /** As its file says, but made another way: plow's record of it does not say so yet. */
  readonly settled: readonly string[];
  /** Why what sets up its guest could not be compared; undefined: it was, or there is nothing. */
  readonly unread: string | undefined;
}

/**
 * Compares a VM with its file. Nothing is changed.
 * @param onFailure hears why something of it could not be looked at
 * @throws PlowError (operation)
 */
export async function diffVm(
  loaded: LoadedMachine,
  context: VmContext,
  onFailure?: OnFailure,
): Promise<VmDiff> {
  const { name } = loaded.machine;
  using domain = await findVm(name, context.hypervisor);
  if (domain === undefined) return { ...nothing(name), standing: 'absent' };
  try {
    return await compare(domain, loaded, context, onFailure);
  } catch (error) {
    throw explainOfVm(error, name, `cannot compare VM '${name}'`);
  }
}

function nothing(name: string, uuid?: string): Omit<VmDiff, 'standing'> {
  return { name, uuid, changes: [], settled: [], unread: undefined };
}

async function compare(
  domain: Domain,
  loaded: LoadedMachine,
  context: VmContext,
  onFailure: OnFailure | undefined,
): Promise<VmDiff> {
  const { name, uuid } = domain;
  const { documents, autostart } = await domain.views();
  const document = readDocument({ name, xml: documents.stored });
  const metadata = metadataInDomain(document);
  if (metadata === undefined) return { ...nothing(name, uuid), standing: 'foreign' };
  if (metadata.status === 'creating') return { ...nothing(name, uuid), standing: 'incomplete' };
  if (endOf(document).undo !== undefined) return { ...nothing(name, uuid), standing: 'destroyed' };
  const stored = readDomain(document);
  const live =
    documents.live === undefined ? undefined : readDomain(readDocument({ name, xml: documents.live }));
  if (metadata.directory !== undefined) guessFree(metadata.directory, context);
  const found = await lookAtDisks(stored.disks, context, onFailure);
  const config = await lookAtConfig(stored, context, onFailure);
  const facts = config?.facts;
  const handed = { seed: found.seed?.facts, ignition: typeof facts === 'object' ? facts : undefined };
  const { declared, directory } = metadata;
  const views = { own: { declared, directory }, stored, live, autostart };
  const all = { ...views, capacities: capacities(stored, found) };
  const { machine, unknown } = await asThere(loaded, context);
  const wanted = wantedOf(machine, declared);
  const changes = [
    ...machineChanges(wanted, all).filter(({ what }) => !unknown.has(what)),
    ...guestChanges(machine, handed),
  ];
  const unread = typeof facts === 'string' ? facts : [...found.unreadable.values()][0];
  const standing = changes.length === 0 ? 'same' : 'different';
  const settled = settledIn(wanted, all).filter((what) => !unknown.has(what));
  return { name, uuid, standing, changes, settled, unread };
}

/**
 * A machine with the paths that names of images stand for there. Which image a file of this machine is there,
 * only a look at all of it would tell; one that is not there any more does not make the VM another.
 */
export async function asThere(
  loaded: LoadedMachine,
  context: VmContext,
): Promise<{ readonly machine: Machine; readonly unknown: ReadonlySet<string> }> {
  const { localImage, localMedium } = loaded;
  const unknown = new Set([
    ...(localImage === undefined ? [] : ['image']),
    ...(localMedium === undefined ? [] : [`disk ${CDROM_TARGET}`]),
  ]);
  try {
    return { machine: (await withNamedImage(loaded, context)).machine, unknown };
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind !== 'validation') throw error;
    return { machine: loaded.machine, unknown: new Set([...unknown, 'image', `disk ${CDROM_TARGET}`]) };
  }
}

function capacities(
  { disks }: DomainFacts,
  { volumes }: Awaited<ReturnType<typeof lookAtDisks>>,
): ReadonlyMap<string, number> {
  return new Map(
    disks.flatMap(({ target, source }) => {
      const volume = volumes.get(target);
      return source === undefined || typeof volume !== 'object'
        ? []
        : [[source, volume.capacityBytes] as const];
    }),
  );
}
