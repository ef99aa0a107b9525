import { METADATA_NAMESPACE } from './domain-metadata.ts';
import type { DomainMetadata, PublicMachine } from './domain-metadata.ts';
import { parseXml } from './parse-xml.ts';
import { readPlainElement } from './plain-element.ts';
import type { XmlElement } from './parse-xml.ts';

/** What plow wrote into a domain document; undefined where plow did not make the domain, as with a clone. */
export function metadataInDomain(domainDocument: string): DomainMetadata | undefined {
  const { prefix, uri } = METADATA_NAMESPACE;
  try {
    const domain = parseXml(domainDocument);
    const element = domain
      .all('metadata', 'vm')
      .find((candidate) => candidate.attribute(`xmlns:${prefix}`) === uri);
    return element && readElement(element, domain.first('uuid')?.text());
  } catch {
    return undefined;
  }
}

/** What plow wrote for the domain `uuid`, from its element alone; undefined where it wrote nothing for it. */
export function readMetadata(element: string, uuid: string): DomainMetadata | undefined {
  try {
    return readElement(readPlainElement(element) ?? parseXml(element), uuid);
  } catch {
    return undefined;
  }
}

function readElement(
  element: Pick<XmlElement, 'attribute' | 'text'>,
  uuid: string | undefined,
): DomainMetadata | undefined {
  const status = element.attribute('status');
  const directory = element.attribute('directory');
  if ((status !== 'creating' && status !== 'ready') || directory === undefined) return undefined;
  const machine = readMachine(element.text());
  if (machine === undefined || uuid === undefined || element.attribute('uuid') !== uuid) return undefined;
  const version = element.attribute('version') ?? '';
  const claim = element.attribute('claimed') === undefined ? {} : ({ claimed: true } as const);
  return { status, ...claim, uuid, directory, version, created: element.attribute('created') ?? '', machine };
}

/** Looks no further than at what `list` and `destroy` need, whichever version of plow wrote it. */
function readMachine(json: string): PublicMachine | undefined {
  try {
    const machine = JSON.parse(json) as Partial<PublicMachine> | null;
    return machine !== null && isUsable(machine) ? withSoundTexts(machine as PublicMachine) : undefined;
  } catch {
    return undefined;
  }
}

/** Anyone may have written it, by hand or with another tool. */
function isUsable({ name, interfaces, bootDisk, dataDisks }: Partial<PublicMachine>): boolean {
  return (
    typeof name === 'string' &&
    Array.isArray(interfaces) &&
    interfaces.every((one: unknown) => has(one, 'address')) &&
    has(bootDisk, 'format') &&
    Array.isArray(dataDisks) &&
    dataDisks.every((one: unknown) => has(one, 'device'))
  );
}

/** What is only shown counts as not there where it is none of what it should be. */
function withSoundTexts(machine: PublicMachine): PublicMachine {
  const { description, tags }: Partial<Record<keyof PublicMachine, unknown>> = machine;
  const { image }: { readonly image?: unknown } = machine.bootDisk;
  return {
    ...machine,
    ...(isText(image) ? {} : { bootDisk: { ...machine.bootDisk, image: undefined } }),
    ...(isText(description) ? {} : { description: undefined }),
    ...(Array.isArray(tags) && tags.every(isText) ? {} : { tags: [] }),
  };
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function has(value: unknown, key: string): boolean {
  return typeof (value as Partial<Record<string, unknown>> | null | undefined)?.[key] === 'string';
}
