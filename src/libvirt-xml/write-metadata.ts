import { create } from 'xmlbuilder2';
import { METADATA_NAMESPACE } from './domain-metadata.ts';
import type { DomainMetadata } from './domain-metadata.ts';

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
