import { create } from 'xmlbuilder2';
import { END_NAMESPACE } from './end.ts';
import type { End } from './end.ts';
import { METADATA_NAMESPACE } from './metadata.ts';
import type { NewMetadata } from './metadata.ts';
import { literal } from '../literal.ts';

type Element = ReturnType<ReturnType<typeof create>['ele']>;

/** Adds the element to the <metadata> of a domain document, the VM as JSON inside it. */
export function addMetadata(parent: Element, metadata: NewMetadata): void {
  const { prefix, uri } = METADATA_NAMESPACE;
  parent.ele(uri, `${prefix}:vm`, attributesOf(metadata)).txt(textOf(metadata));
}

/** The element on its own, for virDomainSetMetadata, which puts the namespace in itself and refuses one. */
export function metadataWithoutNamespace(metadata: NewMetadata): string {
  return create().ele('vm', attributesOf(metadata)).txt(textOf(metadata)).end({ headless: true });
}

/** That a VM is protected, as metadataWithoutNamespace. @param uuid of the domain */
export function guardElement(uuid: string): string {
  return create().ele('guard', { uuid, protected: 'yes' }).end({ headless: true });
}

/** When a VM ends, as metadataWithoutNamespace; undefined where there is nothing to say. */
export function endElement(uuid: string, end: End): string | undefined {
  const attributes = endAttributes(end);
  if (Object.keys(attributes).length === 0) return undefined;
  return create()
    .ele('end', { uuid, ...attributes })
    .end({ headless: true });
}

/** The same in the <metadata> of a domain document. */
export function addEnd(parent: Element, uuid: string, end: End): void {
  const attributes = endAttributes(end);
  const { prefix, uri } = END_NAMESPACE;
  if (Object.keys(attributes).length > 0) parent.ele(uri, `${prefix}:end`, { uuid, ...attributes });
}

function endAttributes({ expires, undo }: End): Readonly<Record<string, string>> {
  const lease = expires === undefined ? {} : { expires };
  if (undo === undefined) return lease;
  const { until = 'unknown', ran, autostart } = undo;
  return { ...lease, 'undo-until': until, ran: ran ? 'yes' : 'no', autostart: autostart ? 'yes' : 'no' };
}

/** Neither texts nor attributes have a `<` in them. */
const CREATING = new RegExp(
  `(<${METADATA_NAMESPACE.prefix}:vm [^<]*?status=)"creating"(?: adopted="[a-z ]*")?`,
  'u',
);

/**
 * The domain document of a VM that is being created, as it is when that is done: its metadata says `ready`.
 */
export function markReady(domainDocument: string): string {
  return domainDocument.replace(CREATING, '$1"ready"');
}

function textOf({ stored }: NewMetadata): string {
  return literal(JSON.stringify(stored));
}

function attributesOf({
  status,
  adopted = [],
  claimed,
  uuid,
  version,
  created,
  directory,
}: NewMetadata): Record<string, string> {
  const claim = claimed === undefined ? {} : { claimed: 'yes' };
  const kept = status === 'creating' && adopted.length > 0 ? { adopted: adopted.join(' ') } : {};
  return { status, ...kept, ...claim, uuid, version, created, directory: literal(directory) };
}
