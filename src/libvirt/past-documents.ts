import { isReason } from '../errors/hypervisor-error.ts';
import type { PastDocument } from '../vm/hypervisor.ts';
import type { FunctionName } from './abi.ts';
import type { Connection } from './connection.ts';
import { nameOf, uuidOf } from './domain-identity.ts';
import type { Pointer } from './native.ts';
import { takeObjectList } from './object-list.ts';

const VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE = 256;
const VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT = 4096;

type DomainPointer = Pointer<'virDomain'>;

/** Two round trips where no domain has a past; else one for each that has snapshots, and a batch for all documents. */
export async function pastDocuments(connection: Connection): Promise<readonly PastDocument[]> {
  const saved = await listDomains(connection, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE);
  const branched = await listDomains(connection, VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT);
  const snapshots: { readonly domain: DomainPointer; readonly snapshot: Pointer<'virDomainSnapshot'> }[] = [];
  for (const domain of branched) {
    const found = await ifThere(
      takeObjectList(connection, 'virDomainSnapshot', 'virDomainListAllSnapshots', domain),
    );
    snapshots.push(...(found ?? []).map((snapshot) => ({ domain, snapshot })));
  }
  const documents = [
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
): Promise<readonly PastDocument[]> {
  if (of.length === 0) return [];
  const answers = await connection.callBatch(
    name,
    of.map(({ object }) => [object, 0]),
  );
  const documents: PastDocument[] = [];
  for (const [index, { domain, object }] of of.entries()) {
    const answer = answers[index];
    // Why a question of a batch failed cannot be told: a document that cannot be read must not pass for none.
    const xml = typeof answer === 'string' ? answer : await ifThere(connection.callString(name, object, 0));
    if (xml !== undefined) documents.push({ name: nameOf(domain), uuid: uuidOf(domain), xml });
  }
  return documents;
}

/** Undefined for what went away meanwhile. */
async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
}
