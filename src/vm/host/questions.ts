import type { VmContext } from '../context.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { HostInterface, HostMemory } from '../../hypervisor/host.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { AskedOnce } from '../features/ask.ts';
import type { Source } from '../features/ask.ts';
import { ownAddresses } from './own-addresses.ts';
import { usersOfFiles } from '../ownership/used-files.ts';

/**
 * What checks ask a hypervisor whatever the machine: each question once, for however many files. An answer
 * that is an error is kept as well.
 */
export class Questions {
  /** What the hypervisor says of itself. */
  readonly source: Source;
  readonly #hypervisor: Hypervisor;
  readonly #interfaces = new Map<string, Promise<HostInterface | undefined>>();
  #documents: Promise<readonly DomainDocument[]> | undefined;
  #memory: Promise<HostMemory> | undefined;
  #addresses: Promise<ReadonlySet<string> | undefined> | undefined;
  #users: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor;
    this.source = new AskedOnce(hypervisor);
  }

  /** The documents of all VMs. */
  documents(): Promise<readonly DomainDocument[]> {
    return (this.#documents ??= this.#hypervisor.domainDocuments());
  }

  findInterface(name: string): Promise<HostInterface | undefined> {
    const answer = this.#interfaces.get(name) ?? this.#hypervisor.findInterface(name);
    this.#interfaces.set(name, answer);
    return answer;
  }

  listInterfaces(): Promise<readonly HostInterface[]> {
    return this.source.listInterfaces();
  }

  memory(): Promise<HostMemory> {
    return (this.#memory ??= this.#hypervisor.memory());
  }

  /** As ownAddresses. */
  ownAddresses(): Promise<ReadonlySet<string> | undefined> {
    return (this.#addresses ??= ownAddresses(this.#hypervisor));
  }

  /** Which VM stands on a path. */
  users(context: VmContext): Promise<ReadonlyMap<string, string>> {
    return (this.#users ??= usersOfFiles('', new Set(), context).then(({ users }) => users));
  }
}
