import { HypervisorError, isReason } from '../../../errors/hypervisor-error.ts';
import type { LostPast, PastDocument } from '../../../hypervisor/domain-facts.ts';
import type { FunctionName } from '../../abi/functions.ts';
import type { Connection } from '../../connection/connection.ts';
import { nameOf, uuidOf } from '../identity.ts';
import type { Pointer } from '../../abi/native.ts';
import { takeObjectList, takeObjectLists } from '../../connection/object-list.ts';

const VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE = 256;
const VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT = 4096;

type DomainPointer = Pointer<'virDomain'>;

/**
 * Two round trips where no domain has a past; else a batch for the snapshots of all, and one for all
 * documents.
 */
export async function pastDocuments(connection: Connection): Promise<readonly (PastDocument | LostPast)[]> {
  const saved = await listDomains(connection, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE);
  const branched = await listDomains(connection, VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT);
  const lists = await takeObjectLists(connection, 'virDomainSnapshot', 'virDomainListAllSnapshots', branched);
  const lost: LostPast[] = [];
  const snapshots: { readonly domain: DomainPointer; readonly snapshot: Pointer<'virDomainSnapshot'> }[] = [];
  for (const [index, domain] of branched.entries()) {
    const asking = (): Promise<readonly Pointer<'virDomainSnapshot'>[]> =>
      takeObjectList(connection, 'virDomainSnapshot', 'virDomainListAllSnapshots', domain);
    const found = lists[index] ?? (await orWhy(domain, asking));
    if (found === undefined) continue;
    if ('why' in found) lost.push(found);
    else snapshots.push(...found.map((snapshot) => ({ domain, snapshot })));
  }
  const documents = [
    ...lost,
    ...(await documentsOf(
      connection,
      'virDomainManagedSaveGetXMLDesc',
      saved.map((domain) => ({ domain, object: domain })),
    )),
    ...(await documentsOf(
      connection,
      'virDomainSnapshotGetXMLDesc',
      snapshots.map(({ domain, snapshot }) => ({ domain, object: snapshot })),
    )),
  ];
  for (const { snapshot } of snapshots) connection.free(snapshot);
  for (const domain of [...saved, ...branched]) connection.free(domain);
  return documents;
}

function listDomains(connection: Connection, flags: number): Promise<readonly DomainPointer[]> {
  return takeObjectList(connection, 'virDomain', 'virConnectListAllDomains', connection.pointer, flags);
}

async function documentsOf(
  connection: Connection,
  name: FunctionName,
  of: readonly { readonly domain: DomainPointer; readonly object: bigint }[],
): Promise<readonly (PastDocument | LostPast)[]> {
  if (of.length === 0) return [];
  const answers = await connection.callBatch(
    name,
    of.map(({ object }) => [object, 0]),
  );
  const documents: (PastDocument | LostPast)[] = [];
  for (const [index, { domain, object }] of of.entries()) {
    const answer = answers[index];
    // Why a question of a batch failed cannot be told: a document that cannot be read must not pass for none.
    const xml =
      typeof answer === 'string' ? answer : await orWhy(domain, () => connection.callString(name, object, 0));
    if (typeof xml === 'string') documents.push({ name: nameOf(domain), uuid: uuidOf(domain), xml });
    else if (xml !== undefined) documents.push(xml);
  }
  return documents;
}

/**
 * Undefined for what went away meanwhile. What libvirt cannot read, such as a file that was cut off, it could
 * not go back to either.
 */
async function orWhy<T>(domain: DomainPointer, asking: () => Promise<T>): Promise<T | LostPast | undefined> {
  try {
    return await asking();
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return { name: nameOf(domain), uuid: uuidOf(domain), why: error.message };
  }
}
