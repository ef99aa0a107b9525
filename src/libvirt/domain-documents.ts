import { isReason } from '../errors/hypervisor-error.ts';
import type { DomainDocument } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { VIR_DOMAIN_XML_INACTIVE } from './domain.ts';
import { callLocal } from './native.ts';
import type { Pointer } from './native.ts';
import { takeObjectList } from './object-list.ts';

/** One round trip for the domains, one batch for their documents; a domain that goes away meanwhile is left out. */
export async function domainDocuments(connection: Connection): Promise<readonly DomainDocument[]> {
  const domains = await takeObjectList(
    connection,
    'virDomain',
    'virConnectListAllDomains',
    connection.pointer,
  );
  const documents = await connection.callBatch(
    'virDomainGetXMLDesc',
    domains.map((domain) => [domain, VIR_DOMAIN_XML_INACTIVE]),
  );
  const found: DomainDocument[] = [];
  for (const [index, domain] of domains.entries()) {
    const answer = documents[index];
    const xml = typeof answer === 'string' ? answer : await askAlone(connection, domain);
    if (xml !== undefined) found.push({ name: callLocal('virDomainGetName', domain) as string, xml });
    connection.free(domain);
  }
  return found;
}

/** In a batch it cannot be told why a question failed: a document that cannot be read must not pass for none. */
async function askAlone(connection: Connection, domain: Pointer<'virDomain'>): Promise<string | undefined> {
  try {
    return await connection.callString('virDomainGetXMLDesc', domain, VIR_DOMAIN_XML_INACTIVE);
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
}
