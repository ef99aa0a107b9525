import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { END_NAMESPACE, endOf } from '../../libvirt-xml/metadata/end.ts';
import type { End } from '../../libvirt-xml/metadata/end.ts';
import { endElement } from '../../libvirt-xml/metadata/write.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { refuseDestroyed } from '../lifecycle/power.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import { readDocument } from '../read-document.ts';

/** How long a lease lasts from now on, in minutes; `never`: there is none any more. */
export type Extension = number | 'never';

const MS_PER_MINUTE = 60_000;
/** How often others may write what is written before that counts as an error. */
const TRIES = 5;

/**
 * Moves the end of a VM's lease to so long from now. One that ends later than that stays as it is, and a VM
 * without a lease gets none: nothing that is called so shortens a life. Three round trips,
 * as it looks at what it wrote: a destroy that can be undone writes the same element.
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
    const expires = extension === 'never' ? undefined : later(extension, context);
    const before = readDocument({ name, xml: await domain.xml('stored') });
    let end = endOf(before);
    for (let tries = 1; tries <= TRIES; tries += 1) {
      refuseDestroyed(name, end);
      const why = whyNothing(end, expires);
      if (why !== undefined) {
        progress.note(`VM '${name}' ${why}`);
        return false;
      }
      refuseOnItsWay(name, before);
      throwIfInterrupted(context, `VM '${name}' is as it was`);
      await domain.setMetadata(endElement(uuid, { ...end, expires }), END_NAMESPACE);
      end = await readEnd(domain);
      if (end.expires !== expires) continue;
      progress.done(
        `VM '${name}' ${expires === undefined ? 'does not expire any more' : `expires ${expires}`}`,
      );
      return true;
    }
    throw new PlowError('operation', `somebody else changes when VM '${name}' ends`, {
      hint: 'run the same command again',
    });
  } catch (error) {
    throw explainOfVm(error, name, `cannot extend the lease of VM '${name}'`);
  }
}

async function readEnd(domain: Domain): Promise<End> {
  return endOf(readDocument({ name: domain.name, xml: await domain.xml('stored') }));
}

function whyNothing(end: End, expires: string | undefined): string | undefined {
  if (end.expires === undefined) return 'does not expire';
  const isLater = expires !== undefined && expires <= end.expires;
  return isLater ? `expires later anyway: ${end.expires}` : undefined;
}

/** @throws PlowError where the clock of this machine is beyond all years that can be written */
export function later(minutes: number, { now }: VmContext): string {
  const time = now().getTime() + minutes * MS_PER_MINUTE;
  if (time < Date.UTC(10_000, 0)) return new Date(time).toISOString();
  throw new PlowError('operation', 'the clock of this machine is wrong');
}
