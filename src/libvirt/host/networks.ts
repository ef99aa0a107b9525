import type { Connection } from '../connection/connection.ts';

/** Two round trips. https://libvirt.org/html/libvirt-libvirt-network.html */
export async function networkXml(connection: Connection, name: string): Promise<string | undefined> {
  const found = await connection.findObject('virNetwork', 'virNetworkLookupByName', connection.pointer, name);
  if (found === undefined) return undefined;
  try {
    return await connection.callString('virNetworkGetXMLDesc', found, 0);
  } finally {
    connection.free(found);
  }
}
