import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import type { End } from '../../libvirt-xml/metadata/end.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { VmContext } from '../context.ts';
import { destroyVm } from '../destroy/destroy.ts';
import { explaining } from '../failure.ts';
import { destroyUndoably } from './undo.ts';

/** A VM, as far as it matters whether its time is over. */
export interface MortalVm {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly isProtected: boolean;
  /** plow made it, and its create has ended. */
  readonly isOwn: boolean;
  readonly end: End;
}

/** A VM whose time is over. */
export interface Due {
  readonly name: string;
  readonly uuid: string;
  /** Its lease has ended: it is destroyed, and can be brought back. Or that has ended: it is removed. */
  readonly what: 'lease' | 'undo';
  /** When, ISO 8601. */
  readonly since: string;
  /** Why it stays all the same; undefined: it can go. */
  readonly kept: string | undefined;
}

/** For how long a VM whose lease has ended can be brought back, in minutes. */
const UNDO_MINUTES = 24 * 60;

/**
 * The VMs whose time is over, in the order of the list. Leases count for VMs that plow made alone: it gives
 * no others. Undo windows count for any, as plow was told to destroy it.
 */
export function whatIsDue(vms: readonly MortalVm[], now: Date): readonly Due[] {
  // Both are written alike, so that they compare as texts.
  const time = now.toISOString();
  const isOver = (end: string | undefined): end is string => end !== undefined && end <= time;
  return vms.flatMap((vm): readonly Due[] => {
    const { name, uuid, active, isOwn, end } = vm;
    const guarded = vm.isProtected ? 'it is protected' : undefined;
    if (end.undo !== undefined) {
      if (!isOver(end.undo.until)) return [];
      const kept = guarded ?? (active ? 'it was destroyed, and runs' : undefined);
      return [{ name, uuid, what: 'undo', since: end.undo.until, kept }];
    }
    if (!isOwn || !isOver(end.expires)) return [];
    return [{ name, uuid, what: 'lease', since: end.expires, kept: guarded }];
  });
}

/** What whatIsDue is to know of VMs. A document that cannot be read ends no VM. */
function mortalVms(documents: readonly DomainDocument[]): readonly MortalVm[] {
  return documents.flatMap(({ name, uuid, stored, live }): readonly MortalVm[] => {
    const document = parseIfPossible(stored);
    if (document === undefined) return [];
    return [
      {
        name,
        uuid,
        active: live !== undefined,
        isProtected: isProtected(document),
        isOwn: metadataInDomain(document)?.status === 'ready',
        end: endOf(document),
      },
    ];
  });
}

/** The VMs of a hypervisor whose time is over. @throws PlowError (operation) */
export async function findDue({
  hypervisor,
  now,
}: Pick<VmContext, 'now'> & { readonly hypervisor: Pick<Hypervisor, 'domainDocuments'> }): Promise<
  readonly Due[]
> {
  const looking = hypervisor.domainDocuments();
  return whatIsDue(
    mortalVms(await explaining(looking, 'operation', 'cannot read the documents of VMs')),
    now(),
  );
}

/**
 * Ends a VM whose time is over, unless that is not so any more: it is looked at once more, by its UUID. One
 * whose lease has ended can be brought back for a day, one whose undo window has ended is removed.
 * @returns false where it is not due any more @throws PlowError, Interrupted
 */
export async function endExpired({ name, uuid, what }: Due, context: VmContext): Promise<boolean> {
  const { hypervisor, now } = context;
  const looking = hypervisor.findDomainByUuid(uuid);
  using domain = await explaining(looking, 'operation', `cannot look up VM '${name}'`);
  if (domain === undefined) return false;
  const reading = domain.status();
  const { documents } = await explaining(reading, 'operation', `cannot look at VM '${domain.name}'`);
  const [due] = whatIsDue(mortalVms([{ name: domain.name, uuid, ...documents }]), now());
  if (due?.what !== what || due.kept !== undefined) return false;
  if (what === 'lease') return await destroyUndoably(domain, context, { minutes: UNDO_MINUTES });
  await destroyVm(domain, context);
  return true;
}
