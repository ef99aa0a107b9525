import type { HostInterface, InterfaceLink } from '../../hypervisor/host.ts';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { takeObjectList } from '../connection/object-list.ts';
import { addressesHere, linkHere } from '../../this-machine/links.ts';

/** https://libvirt.org/html/libvirt-libvirt-interface.html */

/**
 * One round trip for the interface, one for its document, and a third where the link cannot be seen from
 * here, at the same time as the second where calls overlap.
 */
export async function findInterface(
  connection: Connection,
  name: string,
  isThisMachine: boolean,
): Promise<HostInterface | undefined> {
  const found = await connection.findObject(
    'virInterface',
    'virInterfaceLookupByName',
    connection.pointer,
    name,
  );
  if (found === undefined) return undefined;
  try {
    const asking = connection.callString('virInterfaceGetXMLDesc', found, 0);
    const links = linksOf(connection, [found], isThisMachine ? [name] : []);
    // The object lives until both have ended.
    await Promise.allSettled([asking, links]);
    const xml = await asking;
    const [link] = await links;
    return { name, xml, link, addresses: isThisMachine ? addressesHere(name) : undefined };
  } finally {
    connection.free(found);
  }
}

/**
 * One round trip for the interfaces, one batch for their documents, and one for links that cannot be seen
 * from here. One that goes away meanwhile is left out.
 */
export async function listInterfaces(
  connection: Connection,
  isThisMachine: boolean,
): Promise<readonly HostInterface[]> {
  const pointers = await takeObjectList(
    connection,
    'virInterface',
    'virConnectListAllInterfaces',
    connection.pointer,
  );
  // At once: the objects are gone when the connection closes.
  const names = pointers.map((pointer) => callLocal('virInterfaceGetName', pointer) as string);
  const documents = await connection.callBatch(
    'virInterfaceGetXMLDesc',
    pointers.map((pointer) => [pointer, 0]),
  );
  const links = await linksOf(connection, pointers, isThisMachine ? names : []);
  const found = names.flatMap((name, index): HostInterface[] => {
    const xml = documents[index];
    const addresses = isThisMachine ? addressesHere(name) : undefined;
    return typeof xml === 'string' ? [{ name, xml, link: links[index], addresses }] : [];
  });
  for (const pointer of pointers) connection.free(pointer);
  return found;
}

/** @param visible names of the interfaces, where they are this machine's */
async function linksOf(
  connection: Connection,
  pointers: readonly Pointer<'virInterface'>[],
  visible: readonly string[],
): Promise<readonly (InterfaceLink | undefined)[]> {
  const seen = await Promise.all(visible.map(linkHere));
  const unseen = pointers.filter((_, index) => seen[index] === undefined);
  const answers = await connection.callBatch(
    'virInterfaceIsActive',
    unseen.map((pointer) => [pointer]),
  );
  return pointers.map((pointer, index) => seen[index] ?? linkFrom(answers[unseen.indexOf(pointer)]));
}

/**
 * libvirt calls active what the kernel's `operstate` calls up: neither an idle bridge nor one that is down
 * (measured).
 */
function linkFrom(active: unknown): InterfaceLink | undefined {
  if (active === 1) return 'up';
  return active === 0 ? 'inactive' : undefined;
}
