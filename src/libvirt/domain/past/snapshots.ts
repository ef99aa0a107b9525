import { isReason } from '../../../errors/hypervisor-error.ts';
import type { DomainSnapshots } from '../../../hypervisor/domain.ts';
import { callLocal } from '../../abi/native.ts';
import type { Pointer } from '../../abi/native.ts';
import type { Connection } from '../../connection/connection.ts';
import { takeObjectList } from '../../connection/object-list.ts';

/**
 * virDomainSnapshotCreateFlags.
 * https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html#virDomainSnapshotCreateFlags
 */
const REDEFINE = 1;
const CURRENT = 2;
const DISK_ONLY = 16;
const REUSE_EXT = 32;
const QUIESCE = 64;
const ATOMIC = 128;
/** virDomainSnapshotXMLFlags */
const XML_SECURE = 1;
/** virDomainSnapshotDeleteFlags */
const METADATA_ONLY = 2;

type DomainPointer = Pointer<'virDomain'>;

/** Two round trips, and one for each snapshot. @throws HypervisorError */
export async function snapshotsOf(connection: Connection, domain: DomainPointer): Promise<DomainSnapshots> {
  const found = await takeObjectList(connection, 'virDomainSnapshot', 'virDomainListAllSnapshots', domain);
  const documents: string[] = [];
  try {
    for (const snapshot of found)
      documents.push(await connection.callString('virDomainSnapshotGetXMLDesc', snapshot, XML_SECURE));
  } finally {
    for (const snapshot of found) connection.free(snapshot);
  }
  return { documents, current: found.length === 0 ? undefined : await currentOf(connection, domain) };
}

async function currentOf(connection: Connection, domain: DomainPointer): Promise<string | undefined> {
  try {
    const current = await connection.callObject('virDomainSnapshot', 'virDomainSnapshotCurrent', domain, 0);
    const name = callLocal('virDomainSnapshotGetName', current) as string;
    connection.free(current);
    return name;
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
}

/** All disks or none. @throws HypervisorError */
export function takeSnapshot(
  connection: Connection,
  domain: DomainPointer,
  xml: string,
  { quiesce }: { readonly quiesce: boolean },
): Promise<void> {
  return create(connection, domain, xml, DISK_ONLY | ATOMIC | REUSE_EXT | (quiesce ? QUIESCE : 0));
}

/** @throws HypervisorError */
export function keepSnapshot(connection: Connection, domain: DomainPointer, xml: string): Promise<void> {
  return create(connection, domain, xml, REDEFINE | CURRENT);
}

async function create(
  connection: Connection,
  domain: DomainPointer,
  xml: string,
  flags: number,
): Promise<void> {
  const made = await connection.callObject(
    'virDomainSnapshot',
    'virDomainSnapshotCreateXML',
    domain,
    xml,
    flags,
  );
  connection.free(made);
}

/** Two round trips. @throws HypervisorError */
export async function forgetSnapshot(
  connection: Connection,
  domain: DomainPointer,
  name: string,
): Promise<void> {
  const found = await connection.callObject(
    'virDomainSnapshot',
    'virDomainSnapshotLookupByName',
    domain,
    name,
    0,
  );
  try {
    await connection.call('virDomainSnapshotDelete', found, METADATA_ONLY);
  } finally {
    connection.free(found);
  }
}
