import { isReason } from '../../errors/hypervisor-error.ts';
import type { Connection } from '../connection/connection.ts';

type Caller = Pick<Connection, 'call' | 'callString' | 'pointer'>;

/**
 * Free pages by node, of each size in turn. One round trip.
 * https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetFreePages
 * @throws HypervisorError with reason `unsupported` where the driver does not tell
 */
export async function freePages(
  connection: Caller,
  sizesKib: readonly number[],
  nodes: number,
): Promise<readonly (readonly number[])[]> {
  const sizes = Buffer.from(Uint32Array.from(sizesKib).buffer);
  const counts = Buffer.alloc(nodes * sizesKib.length * BigUint64Array.BYTES_PER_ELEMENT);
  const { pointer } = connection;
  await connection.call('virNodeGetFreePages', pointer, sizesKib.length, sizes, 0, nodes, counts, 0);
  return Array.from({ length: nodes }, (_, node) =>
    sizesKib.map((_size, index) => Number(counts.readBigUInt64LE((node * sizesKib.length + index) * 8))),
  );
}

/**
 * What libvirt has against a document when it makes QEMU's command line of it, which starts nothing. One
 * round trip. https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainXMLToNative
 * @throws HypervisorError with any reason but `other`
 */
export async function flawOf(connection: Caller, xml: string): Promise<string | undefined> {
  try {
    await connection.callString('virConnectDomainXMLToNative', connection.pointer, 'qemu-argv', xml, 0);
    return undefined;
  } catch (error) {
    if (isReason(error, 'other')) return error.message;
    throw error;
  }
}
