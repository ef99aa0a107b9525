import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { hasDomainId } from '../../libvirt-xml/domain/read.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import type { End } from '../../libvirt-xml/metadata/end.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
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
 * no others. Undo windows count for any, as plow was told to destroy it. One that is marked and runs was
 * started by somebody, or its end was killed half way: where its lease has ended it ends as any other.
 */
export function whatIsDue(vms: readonly MortalVm[], now: Date): readonly Due[] {
  // Both are written alike, so that they compare as texts.
  const time = now.toISOString();
  const isOver = (end: string | undefined): end is string => end !== undefined && end <= time;
  return vms.flatMap((vm): readonly Due[] => {
    const { name, uuid, active, isOwn, end } = vm;
    const guarded = vm.isProtected ? 'it is protected' : undefined;
    const { undo, expires } = end;
    const mayExpire = undo === undefined || (active && undo.until !== undefined);
    if (mayExpire && isOwn && isOver(expires))
      return [{ name, uuid, what: 'lease', since: expires, kept: guarded }];
    if (undo === undefined || !isOver(undo.until)) return [];
    const kept = guarded ?? (active ? 'it was destroyed, and runs' : undefined);
    return [{ name, uuid, what: 'undo', since: undo.until, kept }];
  });
}

/** What whatIsDue is to know of VMs. A document that cannot be read ends no VM. */
function mortalVms(documents: readonly DomainDocument[]): readonly MortalVm[] {
  return documents.flatMap(({ name, uuid, stored, live }): readonly MortalVm[] => {
    const document = parseIfPossible(stored);
    return document === undefined ? [] : [{ name, uuid, ...mortal(document, live !== undefined) }];
  });
}

function mortal(document: XmlElement, active: boolean): Omit<MortalVm, 'name' | 'uuid'> {
  return {
    active,
    isProtected: isProtected(document),
    isOwn: metadataInDomain(document)?.status === 'ready',
    end: endOf(document),
  };
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

/** What became of a VM whose time was over. */
export type Ended =
  /** It can be brought back until then, ISO 8601. */
  | { readonly status: 'destroyed'; readonly until: string }
  /** What of it is still there, and why. */
  | { readonly status: 'removed'; readonly left: ReadonlyMap<string, string> }
  | { readonly status: 'stays'; readonly why: string };

/**
 * Ends a VM whose time is over, unless that is not so any more: it is looked at once more, by its UUID. One
 * whose lease has ended can be brought back for a day, one whose undo window has ended is removed.
 * @throws PlowError (also where it is brought back while it is removed), Interrupted
 */
export async function endExpired({ name, uuid, what }: Due, context: VmContext): Promise<Ended> {
  const { hypervisor, now } = context;
  const looking = hypervisor.findDomainByUuid(uuid);
  using domain = await explaining(looking, 'operation', `cannot look up VM '${name}'`);
  if (domain === undefined) return { status: 'removed', left: new Map() };
  const reading = domain.status();
  const { documents } = await explaining(reading, 'operation', `cannot look at VM '${domain.name}'`);
  const [due] = whatIsDue(mortalVms([{ name: domain.name, uuid, ...documents }]), now());
  if (due?.kept !== undefined) return { status: 'stays', why: due.kept };
  if (due?.what !== what) return notOver(name);
  if (what === 'lease') return await endLease(domain, context);
  const stillGoes = (): Promise<void> => assertStillGoes(domain, context);
  const destroyed = await destroyVm(domain, context, { stillGoes });
  return { status: 'removed', left: destroyed?.left ?? new Map() };
}

function notOver(name: string): Ended {
  return {
    status: 'stays',
    why: `its time is not over any more: plow show ${shellArgument(name)} tells it`,
  };
}

async function endLease(domain: Domain, context: VmContext): Promise<Ended> {
  const stillEnds = ({ expires }: End): boolean =>
    expires !== undefined && expires <= context.now().toISOString();
  const until = await destroyUndoably(domain, context, { minutes: UNDO_MINUTES, stillEnds });
  return until === undefined ? notOver(domain.name) : { status: 'destroyed', until };
}

/** One that somebody brings back, starts or protects meanwhile must not lose a file. @throws PlowError */
async function assertStillGoes(domain: Domain, { now }: VmContext): Promise<void> {
  const { name, uuid } = domain;
  const document = parseIfPossible(await domain.xml('live'));
  const vms = document === undefined ? [] : [{ name, uuid, ...mortal(document, hasDomainId(document)) }];
  const [due] = whatIsDue(vms, now());
  if (due?.what === 'undo' && due.kept === undefined) return;
  throw new PlowError('operation', `VM '${name}' was brought back, started or protected meanwhile`, {
    hint: `some of its files may be gone: plow show ${shellArgument(name)} tells it`,
  });
}
