import { isReason } from '../../errors/hypervisor-error.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { explain } from '../failure.ts';
import type { Domain } from '../../hypervisor/domain.ts';

/** What makes somebody think twice before a VM is destroyed. */
export interface AtStake {
  readonly name: string;
  readonly runs: boolean;
  /** plow has not made it. */
  readonly isForeign: boolean;
  /** It is not destroyed at all. */
  readonly isProtected: boolean;
}

/** Two round trips. @returns undefined for one that is gone meanwhile @throws PlowError (operation) */
export async function atStake(domain: Domain): Promise<AtStake | undefined> {
  const { name } = domain;
  try {
    const state = await domain.state();
    const document = parseIfPossible(await domain.xml('stored'));
    return {
      name,
      runs: state !== 'shut off' && state !== 'crashed',
      isForeign: metadataInDomain(document) === undefined,
      isProtected: document !== undefined && isProtected(document),
    };
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw explain(error, 'operation', `cannot look at VM '${name}'`);
  }
}
