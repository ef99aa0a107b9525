import { setTimeout as sleep } from 'node:timers/promises';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { clashesWith } from '../network/taken-addresses.ts';
import type { Clash } from '../network/taken-addresses.ts';
import type { VmPlan } from './plan.ts';

const PAUSE_MS = 50;
/**
 * A create that has defined its domain looks at once, and then claims or gives up: one that does neither is
 * dead.
 */
const PATIENCE_MS = 10_000;

/** What tells the older of two creates. */
type MetadataOrder = Pick<DomainMetadata, 'created' | 'uuid'>;

/** An interface whose address a VM has already. */
export interface Taken extends Clash {
  readonly index: number;
}

/**
 * Looks whether VMs that were defined meanwhile have an address of this one, whose own domain must be
 * defined. Of creates at the same time just one may have it. Each defines its domain, then looks, then says
 * in its metadata that it has looked (`claimed`), so that whoever looks later gives up. Where two see each
 * other before either has said so, the older goes on, once the other has given up. @param known UUIDs of VMs
 * that were looked at before, and its own
 * @returns undefined where the addresses are its own, as the caller is to say in the metadata
 * @throws PlowError (operation, connection), Interrupted
 */
export async function takenMeanwhile(
  { interfaces, metadata: own }: Pick<VmPlan, 'interfaces' | 'metadata'>,
  known: ReadonlySet<string>,
  { hypervisor, signal }: Pick<VmContext, 'hypervisor' | 'signal'>,
): Promise<Taken | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const looking = hypervisor.domainDocuments(known);
    const others = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
    const taken = interfaces.flatMap((nic, index) =>
      others.flatMap((other) => clashesWith(nic, [other]).map((clash) => ({ ...clash, index, other }))),
    );
    if (taken.length === 0) return undefined;
    const winner = taken.find(({ other }) => performance.now() >= deadline || !yields(other, own));
    if (winner !== undefined) return winner;
    await sleep(PAUSE_MS);
  }
}

/**
 * Whether a create under way will see the other one, and give up: neither clocks nor names need be in any
 * order, only total.
 */
function yields({ stored }: DomainDocument, to: MetadataOrder): boolean {
  const metadata = metadataInDomain(parseIfPossible(stored));
  if (metadata === undefined || metadata.status === 'ready' || metadata.claimed) return false;
  return orderOf(to) < orderOf(metadata);
}

function orderOf({ created, uuid }: MetadataOrder): string {
  return `${created} ${uuid}`;
}
