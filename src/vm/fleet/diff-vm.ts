import type { LoadedMachine } from '../../config/machine.ts';
import { CDROM_TARGET } from '../../config/values/media.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { declaredOf } from '../../libvirt-xml/metadata/of-machine.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { VmContext } from '../context.ts';
import { lookAtDisks } from '../export/evidence.ts';
import { lookAtConfig } from '../export/ignition/look-at-config.ts';
import { explainOfVm, findVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';
import type { Change } from './change.ts';
import { guestChanges } from './guest-changes.ts';
import { machineChanges } from './machine-changes.ts';
import type { Standing } from './words.ts';

export interface VmDiff {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly standing: Standing;
  readonly changes: readonly Change[];
  /** Why what sets up its guest could not be compared; undefined: it was, or there is nothing. */
  readonly unread: string | undefined;
}

/** Compares a VM with its file. Nothing is changed. @throws PlowError (operation) */
export async function diffVm(
  loaded: Pick<LoadedMachine, 'machine' | 'localImage' | 'localMedium'>,
  context: VmContext,
): Promise<VmDiff> {
  const { name } = loaded.machine;
  using domain = await findVm(name, context.hypervisor);
  if (domain === undefined) return { ...nothing(name), standing: 'absent' };
  try {
    return await compare(domain, loaded, context);
  } catch (error) {
    throw explainOfVm(error, name, `cannot compare VM '${name}'`);
  }
}

function nothing(name: string, uuid?: string): Omit<VmDiff, 'standing'> {
  return { name, uuid, changes: [], unread: undefined };
}

async function compare(
  domain: Domain,
  { machine, localImage, localMedium }: Pick<LoadedMachine, 'machine' | 'localImage' | 'localMedium'>,
  context: VmContext,
): Promise<VmDiff> {
  const { name, uuid } = domain;
  const { documents, ...status } = await domain.status();
  const document = readDocument({ name, xml: documents.stored });
  const metadata = metadataInDomain(document);
  if (metadata === undefined) return { ...nothing(name, uuid), standing: 'foreign' };
  if (metadata.status === 'creating') return { ...nothing(name, uuid), standing: 'incomplete' };
  if (endOf(document).undo !== undefined) return { ...nothing(name, uuid), standing: 'destroyed' };
  const stored = readDomain(document);
  const live =
    documents.live === undefined ? undefined : readDomain(readDocument({ name, xml: documents.live }));
  const found = await lookAtDisks(stored.disks, context);
  const config = await lookAtConfig(stored, context);
  const facts = config?.facts;
  const handed = { seed: found.seed?.facts, ignition: typeof facts === 'object' ? facts : undefined };
  const { declared, directory } = metadata;
  const views = { own: { declared, directory }, stored, live, autostart: status.autostart };
  const changes = [
    // Which image or medium a file of this machine is there, only a look at all of it would tell.
    ...machineChanges(declaredOf(machine), { ...views, capacities: capacities(stored, found) }).filter(
      ({ what }) =>
        !(what === 'image' && localImage !== undefined) &&
        !(what === `disk ${CDROM_TARGET}` && localMedium !== undefined),
    ),
    ...guestChanges(machine, handed),
  ];
  const unread = typeof facts === 'string' ? facts : [...found.unreadable.values()][0];
  return { name, uuid, standing: changes.length === 0 ? 'same' : 'different', changes, unread };
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
