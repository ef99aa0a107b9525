import { METADATA_NAMESPACE } from './metadata.ts';
import type { DomainMetadata } from './metadata.ts';
import { parseIfPossible, parseXml } from '../read/parse.ts';
import type { XmlElement } from '../read/parse.ts';
import { readPlainElement } from '../read/plain-element.ts';
import { readDeclared } from './declared.ts';

/**
 * What plow wrote into a domain's document; undefined where plow did not make the domain, as with a clone.
 * @param domain undefined for a document that cannot be read
 */
export function metadataInDomain(domain: XmlElement | undefined): DomainMetadata | undefined {
  const { prefix, uri } = METADATA_NAMESPACE;
  try {
    const element = domain
      ?.all('metadata', 'vm')
      .find((candidate) => candidate.attribute(`xmlns:${prefix}`) === uri);
    return element && readElement(element, domain?.first('uuid')?.text());
  } catch {
    return undefined;
  }
}

/** In a document as libvirt writes it, `<` and `>` stand in no text and no attribute. */
const ELEMENT = /<plow:vm\s[^<>]*>[^<]*<\/plow:vm>/gu;

/** As metadataInDomain, of the text of a document, without parsing the rest: for a list of a thousand. */
export function metadataIn(document: string, uuid: string): DomainMetadata | undefined {
  const { prefix, uri } = METADATA_NAMESPACE;
  const first = document.indexOf(uri);
  if (first === -1) return undefined;
  // Somebody else's metadata may hold a copy: which is the domain's own, its place tells.
  if (document.includes(uri, first + 1)) return metadataInDomain(parseIfPossible(document));
  try {
    for (const [text] of document.matchAll(ELEMENT)) {
      const element = readPlainElement(text) ?? parseXml(text);
      if (element.attribute(`xmlns:${prefix}`) === uri) return readElement(element, uuid);
    }
  } catch {
    // As if it were not there.
  }
  return undefined;
}

function readElement(
  element: Pick<XmlElement, 'attribute' | 'text'>,
  uuid: string | undefined,
): DomainMetadata | undefined {
  const status = element.attribute('status');
  const directory = element.attribute('directory');
  if ((status !== 'creating' && status !== 'ready') || directory === undefined) return undefined;
  if (uuid === undefined || element.attribute('uuid') !== uuid) return undefined;
  const declared = readDeclared(JSON.parse(element.text()));
  if (declared === undefined) return undefined;
  const version = element.attribute('version') ?? '';
  const claim = element.attribute('claimed') === undefined ? {} : ({ claimed: true } as const);
  const adopted = status === 'creating' ? element.attribute('adopted') : undefined;
  return {
    status,
    ...claim,
    ...(adopted === undefined ? {} : { adopted: adopted.split(' ') }),
    uuid,
    directory,
    version,
    created: element.attribute('created') ?? '',
    declared,
  };
}
