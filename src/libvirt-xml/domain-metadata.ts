import { create } from 'xmlbuilder2';
import type { CloudInit, Machine } from '../config/machine.ts';
import { parseXml } from './parse-xml.ts';

/** plow's element in a domain's <metadata>. https://libvirt.org/formatdomain.html#general-metadata */
export const METADATA_NAMESPACE = { prefix: 'plow', uri: 'urn:plow:domain:1' } as const;

export interface DomainMetadata {
  /** `creating` until everything of the VM exists: a create that died leaves it so. */
  readonly status: 'creating' | 'ready';
  /** Version of the plow that made the VM. */
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  /** The VM's own directory on the hypervisor. */
  readonly directory: string;
  readonly machine: PublicMachine;
}

/** A machine without its secrets: read-only clients of libvirt may read metadata. */
export type PublicMachine = Omit<Machine, 'cloudInit'> & {
  readonly cloudInit: Omit<CloudInit, 'rootPasswordHash'> | undefined;
};

export function withoutSecrets(machine: Machine): PublicMachine {
  if (machine.cloudInit === undefined) return { ...machine, cloudInit: undefined };
  const { fqdn, hostname, sshKeys, sshPasswordAuth } = machine.cloudInit;
  return { ...machine, cloudInit: { fqdn, hostname, sshKeys, sshPasswordAuth } };
}

type Element = ReturnType<ReturnType<typeof create>['ele']>;

/** Adds the element to the <metadata> of a domain document, the machine as JSON inside it. */
export function addMetadata(parent: Element, { machine, ...attributes }: DomainMetadata): void {
  const { prefix, uri } = METADATA_NAMESPACE;
  parent.ele(uri, `${prefix}:vm`, attributes).txt(JSON.stringify(machine));
}

/** The element on its own, for virDomainSetMetadata, which puts the namespace in itself and refuses one. */
export function metadataWithoutNamespace({ machine, ...attributes }: DomainMetadata): string {
  return create().ele('vm', attributes).txt(JSON.stringify(machine)).end({ headless: true });
}

/** What plow wrote, or undefined where the text is not of its making. */
export function readMetadata(element: string): DomainMetadata | undefined {
  const root = parseXml(element);
  const status = root.attribute('status');
  const directory = root.attribute('directory');
  if ((status !== 'creating' && status !== 'ready') || directory === undefined) return undefined;
  try {
    return {
      status,
      directory,
      version: root.attribute('version') ?? '',
      created: root.attribute('created') ?? '',
      machine: JSON.parse(root.text()) as PublicMachine,
    };
  } catch {
    return undefined;
  }
}
