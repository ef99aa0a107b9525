import koffi from 'koffi';
import type { Connection } from './connection.ts';
import { callLocal } from './native.ts';
import { decodeArray, VIR_DOMAIN_INTERFACE, VIR_DOMAIN_IP_ADDRESS } from './structs.ts';

/** Reads a lease file on the host; never asks the guest. */
const VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE = 0;
const VIR_IP_ADDR_TYPE_IPV4 = 0;

/**
 * IPv4 addresses that libvirt's DHCP servers leased to each domain; none where libvirt cannot tell.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInterfaceAddresses
 */
export async function leasedAddresses(
  connection: Connection,
  domains: readonly bigint[],
): Promise<readonly (readonly string[])[]> {
  const outs = domains.map((): [bigint | null] => [null]);
  const answers = await connection.callBatch(
    'virDomainInterfaceAddresses',
    domains.map((domain, index) => [domain, outs[index] ?? [], VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, 0]),
  );
  return answers.map((answer, index) => {
    const list = outs[index]?.[0] ?? null;
    return typeof answer === 'number' && list !== null ? takeAddresses(list, answer) : [];
  });
}

/** Reads and frees an array of virDomainInterface. */
function takeAddresses(list: bigint, count: number): string[] {
  const interfaces = count === 0 ? [] : (decodeArray(list, 'void *', count) as bigint[]);
  const addresses = interfaces.flatMap((pointer) => {
    const { naddrs, addrs } = koffi.decode(pointer, VIR_DOMAIN_INTERFACE) as {
      naddrs: number;
      addrs: bigint;
    };
    if (naddrs === 0) return [];
    const found = decodeArray(addrs, VIR_DOMAIN_IP_ADDRESS, naddrs) as {
      type: number;
      addr: string;
    }[];
    return found.filter(({ type }) => type === VIR_IP_ADDR_TYPE_IPV4).map(({ addr }) => addr);
  });
  for (const pointer of interfaces) callLocal('virDomainInterfaceFree', pointer);
  koffi.free(list);
  return addresses;
}
