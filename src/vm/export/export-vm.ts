import { configHoldsSecrets } from './ignition/secrets.ts';
import type { Draft } from '../../config/draft/draft.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { readCapabilities, readMachineAliases } from '../../libvirt-xml/read/capabilities.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import type { VmContext } from '../context.ts';
import { readDocument } from '../read-document.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { draftOf } from './draft-of.ts';
import { capacitiesOf, lookAtDisks, missingImages } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { lookAtConfig } from './ignition/look-at-config.ts';
import { networkBridges } from './network-bridges.ts';
import { knownImage } from './parts/known-image.ts';

/** A VM as a file could describe it. */
export interface ExportedVm {
  /** To be disposed of. */
  readonly domain: Domain;
  readonly evidence: Evidence;
  readonly draft: Draft;
  /** A user-data document of which a VM file cannot say everything. */
  readonly ownUserData: OwnUserData | undefined;
  /** An Ignition config that is nothing of plow's. */
  readonly ownConfig: { readonly text: string; readonly holdsSecrets: boolean } | undefined;
}

export interface OwnUserData {
  /** Undefined where it is no text. */
  readonly text: string | undefined;
  /** What a file has no words for, as `users[1].uid`. */
  readonly unread: readonly string[];
}

/** Exports VMs over one connection. */
export class Exporter {
  readonly #context: VmContext;
  #host: Pick<Evidence, 'hostArch' | 'machineAliases'> | undefined;

  constructor(context: VmContext) {
    this.#context = context;
  }

  /**
   * @param name or UUID
   * @throws PlowError (operation) for one that there is not, that is incomplete, or whose document cannot be
   * read
   */
  async export(name: string): Promise<ExportedVm> {
    const { hypervisor } = this.#context;
    const cannot = `cannot export VM '${name}'`;
    const domain = await presentVm(name, hypervisor, cannot);
    try {
      const evidence = await this.#look(domain);
      const seed = evidence.seed?.facts;
      const unread = seed?.unreadUserData ?? [];
      const ownUserData = unread.length === 0 ? undefined : { text: seed?.userData, unread };
      const config = evidence.ignition?.facts;
      const own = typeof config === 'object' ? config.own : undefined;
      const ownConfig = own === undefined ? undefined : { text: own, holdsSecrets: configHoldsSecrets(own) };
      return { domain, evidence, draft: draftOf(evidence), ownUserData, ownConfig };
    } catch (error) {
      domain[Symbol.dispose]();
      throw explainOfVm(error, domain.name, cannot);
    }
  }

  async #look(domain: Domain): Promise<Evidence> {
    const document = readDocument({ name: domain.name, xml: await domain.xml('stored') });
    const facts = readDomain(document);
    const metadata = metadataInDomain(document);
    if (metadata?.status === 'creating') {
      throw new PlowError('operation', `VM '${domain.name}' is incomplete: a create is under way, or died`, {
        hint: `plow destroy ${shellArgument(domain.name)} removes what there is of it`,
      });
    }
    this.#host ??= hostOf(await this.#context.hypervisor.capabilities());
    const found = await lookAtDisks(facts.disks, this.#context);
    return {
      ...this.#host,
      image: await knownImage({ facts, metadata, ...found }, this.#context),
      facts,
      document,
      metadata,
      autostart: await domain.autostart(),
      persistent: await domain.isPersistent(),
      snapshots: await domain.snapshotCount(),
      capacities: await capacitiesOf(facts.disks, domain, this.#context.hypervisor),
      networkBridges: await networkBridges(facts, this.#context.hypervisor),
      ignition: await lookAtConfig(facts, this.#context),
      missing: await missingImages(facts.disks, domain, this.#context.hypervisor),
      ...found,
    };
  }
}

function hostOf(capabilities: string): Pick<Evidence, 'hostArch' | 'machineAliases'> {
  return {
    hostArch: readCapabilities(capabilities).arch,
    machineAliases: readMachineAliases(capabilities),
  };
}
