import { isReason } from '../../errors/hypervisor-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { Connection } from '../connection/connection.ts';
import { isActive, nameOf, uuidOf } from './identity.ts';
import { VIR_DOMAIN_XML_INACTIVE, VIR_DOMAIN_XML_LIVE } from './status.ts';
import type { Pointer } from '../abi/native.ts';
import { takeObjectList } from '../connection/object-list.ts';

/**
 * One round trip for the domains, one batch for their documents; a domain that goes away meanwhile is left
 * out.
 */
export async function domainDocuments(
  connection: Connection,
  except: ReadonlySet<string> = new Set(),
): Promise<readonly DomainDocument[]> {
  const all = await takeObjectList(connection, 'virDomain', 'virConnectListAllDomains', connection.pointer);
  const domains = all.filter((domain) => !except.has(uuidOf(domain)));
  const questions = domains.flatMap((domain) => [
    [domain, VIR_DOMAIN_XML_INACTIVE] as const,
    ...(isActive(domain) ? [[domain, VIR_DOMAIN_XML_LIVE] as const] : []),
  ]);
  const answers = await connection.callBatch('virDomainGetXMLDesc', questions);
  const found = new Map<Pointer<'virDomain'>, DomainDocument>();
  for (const [index, [domain, flags]] of questions.entries()) {
    const answer = answers[index];
    const xml = typeof answer === 'string' ? answer : await askAlone(connection, domain, flags);
    if (xml === undefined) continue;
    const known = found.get(domain) ?? {
      name: nameOf(domain),
      uuid: uuidOf(domain),
      stored: xml,
      live: undefined,
    };
    found.set(domain, flags === VIR_DOMAIN_XML_LIVE ? { ...known, live: xml } : known);
  }
  for (const domain of all) connection.free(domain);
  return [...found.values()];
}

/**
 * In a batch it cannot be told why a question failed: a document that cannot be read must not pass for none.
 */
async function askAlone(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  flags: number,
): Promise<string | undefined> {
  try {
    return await connection.callString('virDomainGetXMLDesc', domain, flags);
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
}
