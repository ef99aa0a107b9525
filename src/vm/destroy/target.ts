import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import type { VmContext } from '../context.ts';
import { explainOfVm, removedMeanwhile } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** A VM that is to go. */
export interface DestroyTarget {
  readonly name: string;
  readonly uuid: string;
  /** Documents, as it is stored and as it runs. */
  readonly stored: XmlElement;
  readonly live: XmlElement;
  /** What plow wrote into it when it made it. */
  readonly metadata: DomainMetadata | undefined;
  /**
   * @throws PlowError (operation) where it is gone already: whatever has its name now is another one; or
   * where it is not to go any more;
   * HypervisorError
   */
  readonly assertSameVm: () => Promise<void>;
}

/**
 * As stored and, for a running VM, as it runs: a disk may have been plugged in meanwhile. A VM is known by
 * its UUID: one that is destroyed and made anew under the same name while this destroy runs is another one.
 * @param stillGoes throws where it is not to go any more
 * @throws PlowError (operation)
 */
export async function describeTarget(
  domain: Domain,
  { hypervisor }: VmContext,
  stillGoes?: () => Promise<void>,
): Promise<DestroyTarget> {
  const { name, uuid } = domain;
  try {
    const stored = await domain.xml('stored');
    const live = await domain.xml('live');
    const persistent = await domain.isPersistent();
    const document = readDocument({ name, xml: stored });
    const assertSameVm = async (): Promise<void> => {
      using found = await hypervisor.findDomain(name);
      // A domain that is not persistent goes away by itself when it stops.
      if (found === undefined ? persistent : found.uuid !== uuid) throw removedMeanwhile(name);
      await stillGoes?.();
    };
    return {
      name,
      uuid,
      stored: document,
      live: live === stored ? document : readDocument({ name, xml: live }),
      metadata: metadataInDomain(document),
      assertSameVm,
    };
  } catch (error) {
    throw explainOfVm(error, name, `cannot read the document of VM '${name}'`);
  }
}
