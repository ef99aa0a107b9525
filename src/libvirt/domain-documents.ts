import type { DomainDocument } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { VIR_DOMAIN_XML_INACTIVE } from './domain.ts';
import { callLocal } from './native.ts';
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
  const found = domains.flatMap((domain, index) => {
    const xml = documents[index];
    return typeof xml === 'string' ? [{ name: callLocal('virDomainGetName', domain) as string, xml }] : [];
  });
  for (const domain of domains) connection.free(domain);
  return found;
}
