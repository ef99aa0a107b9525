import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Machine } from '../../config/machine.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { AddressGuard, Elsewhere } from '../address-guard.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { untilAborted } from '../interruption.ts';
import type { Inspection, Report } from '../host/inspection.ts';
import { undoOf } from './taken-addresses.ts';

const NONE: Elsewhere = { hosts: [], unseen: [] };

/** What a hypervisor has in use: all that is asked of one that a command is not about. @throws PlowError */
export function usedOn(hypervisor: Pick<Hypervisor, 'domainDocuments'>): Promise<readonly DomainDocument[]> {
  return explaining(hypervisor.domainDocuments(), 'operation', 'cannot read the documents of its VMs');
}

/**
 * What other hosts have in use. One that is known by two names is no other: its VMs are known.
 * @param own all VMs of the host that the command is about @throws Interrupted
 */
export async function elsewhereThan(
  own: readonly DomainDocument[],
  { guard, signal }: Pick<VmContext, 'guard' | 'signal'>,
): Promise<Elsewhere> {
  if (guard?.elsewhere === undefined) return NONE;
  const asking = guard.elsewhere();
  await orAborted(asking, signal);
  signal.throwIfAborted();
  const { hosts, unseen } = await asking;
  const known = new Set(own.map(({ uuid }) => uuid));
  return {
    hosts: hosts.map(({ host, vms }) => ({ host, vms: vms.filter(({ uuid }) => !known.has(uuid)) })),
    unseen,
  };
}

/** Ends with the signal, whether the work does or not: it goes on unseen. */
async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, untilAborted(signal, over.signal)]);
  over.abort();
}

/**
 * Complains of a new VM whose name one on another host has, and tells of hosts that could not be looked at.
 * @throws PlowError, Interrupted
 */
export async function inspectOtherHosts(
  { name }: Pick<Machine, 'name'>,
  inspection: Pick<Inspection, 'context' | 'questions' | 'report' | 'notChecked'>,
): Promise<void> {
  const { context, questions, notChecked } = inspection;
  if (context.guard?.elsewhere === undefined) return;
  const looking = questions.documents();
  const own = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const { hosts, unseen } = await elsewhereThan(own, context);
  const complain = complaining(inspection);
  for (const { host, vms } of hosts) {
    const found = vms.find((vm) => vm.name === name);
    if (found !== undefined) complain(['name'], nameUsed(found, host));
  }
  for (const { host, why } of unseen.filter((one) => context.guard?.tells?.(one.host) !== false))
    context.progress.note(`${host} was not looked at for names and addresses: ${why}`);
  if (unseen.length > 0)
    notChecked({ check: 'other-hosts', why: unseen.map(({ host, why }) => `${host}: ${why}`).join('; ') });
}

function nameUsed(vm: DomainDocument, host: string): string {
  const isWhole = metadataInDomain(parseIfPossible(vm.stored))?.status !== 'creating';
  const how = isWhole ? '' : ', incomplete: its create is under way, or died';
  return `there is a VM '${vm.name}' on ${host}${how}${undoOf(vm, host)}`;
}

/** Reports what is in use, or tells of it where it is taken all the same. */
export function complaining({
  report,
  context: { guard, progress },
}: Pick<Inspection, 'context' | 'report'>): Report {
  return isForced(guard) ? (_, text) => progress.note(forced(text)) : report;
}

export function isForced(guard: AddressGuard | undefined): boolean {
  return guard?.isForced === true;
}

/** What is in use, and taken all the same. */
export function forced(text: string): string {
  return `${text}; taken all the same (--force-address)`;
}
