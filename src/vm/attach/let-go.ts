import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainWatch } from '../../hypervisor/events.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { VmContext } from '../context.ts';
import { within } from '../few-at-once.ts';
import { readDocument } from '../read-document.ts';
import { ofVm } from './look.ts';

/** libvirt itself waits 5 seconds for the guest. */
const PATIENCE_MS = 5000;

/** Of a VM that runs: whether its guest lets a device go. */
export interface Guest extends Disposable {
  /**
   * Looks, and again after each event of the VM. False where the guest keeps the device, or nobody waits any
   * more. @param has of the VM as it runs @throws PlowError
   */
  hasLetGo(has: (live: DomainFacts) => boolean): Promise<boolean>;
}

/** Before the device is detached, so that no answer comes too early to be heard. @throws PlowError */
export async function watchGuest(domain: Domain, { hypervisor, signal }: VmContext): Promise<Guest> {
  const { name } = domain;
  const events = await ofVm(hypervisor.watchDomains('everything'), name);
  const interrupted = new Promise<false>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  return {
    hasLetGo: async (has) => {
      const going = goes(domain, events, has);
      const isGone = await within(PATIENCE_MS, Promise.race([ofVm(going, name), interrupted]));
      return isGone ?? false;
    },
    [Symbol.dispose]: () => events[Symbol.dispose](),
  };
}

/** @throws HypervisorError, PlowError */
async function goes(
  domain: Domain,
  events: DomainWatch,
  has: (live: DomainFacts) => boolean,
): Promise<boolean> {
  const { name, uuid } = domain;
  const isGone = async (): Promise<boolean> =>
    !has(readDomain(readDocument({ name, xml: await domain.xml('live') })));
  if (await isGone()) return true;
  for await (const event of events) if (event.uuid === uuid && (await isGone())) return true;
  return false;
}
