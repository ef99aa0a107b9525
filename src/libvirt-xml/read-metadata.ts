import { METADATA_NAMESPACE } from './domain-metadata.ts';
import type { DomainMetadata, PublicMachine } from './domain-metadata.ts';
import { parseXml } from './parse-xml.ts';
import type { XmlElement } from './parse-xml.ts';

/** What plow wrote into a domain document; undefined where plow did not make the domain. */
export function metadataInDomain(domainDocument: string): DomainMetadata | undefined {
  const { prefix, uri } = METADATA_NAMESPACE;
  const element = parseXml(domainDocument)
    .all('metadata', 'vm')
    .find((candidate) => candidate.attribute(`xmlns:${prefix}`) === uri);
  return element && readElement(element);
}

/** What plow wrote, from its element alone; undefined where the text is not of its making. */
export function readMetadata(element: string): DomainMetadata | undefined {
  try {
    return readElement(parseXml(element));
  } catch {
    return undefined;
  }
}

function readElement(element: XmlElement): DomainMetadata | undefined {
  const status = element.attribute('status');
  const directory = element.attribute('directory');
  if ((status !== 'creating' && status !== 'ready') || directory === undefined) return undefined;
  const machine = readMachine(element.text());
  if (machine === undefined) return undefined;
  const version = element.attribute('version') ?? '';
  return { status, directory, version, created: element.attribute('created') ?? '', machine };
}

/** Looks no further than at what `list` and `destroy` need, whichever version of plow wrote it. */
function readMachine(json: string): PublicMachine | undefined {
  try {
    const machine = JSON.parse(json) as Partial<PublicMachine> | null;
    const usable = typeof machine?.name === 'string' && Array.isArray(machine.interfaces);
    return usable ? (machine as PublicMachine) : undefined;
  } catch {
    return undefined;
  }
}
