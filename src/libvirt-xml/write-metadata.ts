import { create } from 'xmlbuilder2';
import { METADATA_NAMESPACE } from './domain-metadata.ts';
import type { DomainMetadata } from './domain-metadata.ts';
import { literal } from './literal.ts';

type Element = ReturnType<ReturnType<typeof create>['ele']>;

/** Adds the element to the <metadata> of a domain document, the machine as JSON inside it. */
export function addMetadata(parent: Element, metadata: DomainMetadata): void {
  const { prefix, uri } = METADATA_NAMESPACE;
  parent.ele(uri, `${prefix}:vm`, attributesOf(metadata)).txt(literal(JSON.stringify(metadata.machine)));
}

/** The element on its own, for virDomainSetMetadata, which puts the namespace in itself and refuses one. */
export function metadataWithoutNamespace(metadata: DomainMetadata): string {
  const element = create().ele('vm', attributesOf(metadata));
  return element.txt(literal(JSON.stringify(metadata.machine))).end({ headless: true });
}

function attributesOf({
  status,
  claimed,
  uuid,
  version,
  created,
  directory,
}: DomainMetadata): Record<string, string> {
  const claim = claimed === undefined ? {} : { claimed: 'yes' };
  return { status, ...claim, uuid, version, created, directory: literal(directory) };
}
