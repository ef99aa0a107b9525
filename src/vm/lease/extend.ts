import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { END_NAMESPACE, endOf } from '../../libvirt-xml/metadata/end.ts';
import type { End } from '../../libvirt-xml/metadata/end.ts';
import { endElement } from '../../libvirt-xml/metadata/write.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** How long a lease lasts from now on, in minutes; `never`: there is none any more. */
export type Extension = number | 'never';

const MS_PER_MINUTE = 60_000;

/**
 * Moves the end of a VM's lease to so long from now. One that ends later than that stays as it is, and a VM
 * without a lease gets none: nothing that is called so shortens a life. Two round trips.
 * @returns false where there was nothing to do
 * @throws PlowError (operation), Interrupted
 */
export async function extendLease(
  domain: Domain,
  context: VmContext,
  extension: Extension,
): Promise<boolean> {
  const { name, uuid } = domain;
  const { progress } = context;
  progress.begin(`Changing VM '${name}'`);
  try {
    const end = endOf(readDocument({ name, xml: await domain.xml('stored') }));
    refuseUndone(name, end);
    if (end.expires === undefined) {
      progress.note(`VM '${name}' does not expire`);
      return false;
    }
    const expires = extension === 'never' ? undefined : later(extension, context);
    if (expires !== undefined && expires <= end.expires) {
      progress.note(`VM '${name}' expires later anyway: ${end.expires}`);
      return false;
    }
    throwIfInterrupted(context, `VM '${name}' is as it was`);
    await domain.setMetadata(endElement(uuid, { ...end, expires }), END_NAMESPACE);
    progress.done(
      expires === undefined ? `VM '${name}' does not expire any more` : `VM '${name}' expires ${expires}`,
    );
    return true;
  } catch (error) {
    throw explainOfVm(error, name, `cannot extend the lease of VM '${name}'`);
  }
}

function refuseUndone(name: string, { undo }: End): void {
  if (undo === undefined) return;
  throw new PlowError('operation', `VM '${name}' is destroyed`, {
    hint: `plow undelete ${shellArgument(name)} brings it back`,
  });
}

/** @throws PlowError where the clock of this machine is beyond all years that can be written */
export function later(minutes: number, { now }: VmContext): string {
  const time = now().getTime() + minutes * MS_PER_MINUTE;
  if (time < Date.UTC(10_000, 0)) return new Date(time).toISOString();
  throw new PlowError('operation', 'the clock of this machine is wrong');
}
