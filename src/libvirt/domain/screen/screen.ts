import type { Picture, Screen } from '../../../hypervisor/screen.ts';
import type { Pointer } from '../../abi/native.ts';
import type { Connection } from '../../connection/connection.ts';
import { receiveAll } from '../../connection/stream.ts';

/** virDomainOpenGraphicsFlags: whoever may open it needs no password. */
const SKIP_AUTHENTICATION = 1;
/** The first, of several. */
const FIRST = 0;

type Use = <T>(work: (domain: Pointer<'virDomain'>) => Promise<T>) => Promise<T>;

/**
 * The screen of a domain. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainOpenGraphicsFD
 * @param use has the domain live on for so long
 */
export function screenOf(connection: Connection, use: Use): Screen {
  return {
    open: () =>
      use((domain) => connection.callNumber('virDomainOpenGraphicsFD', domain, FIRST, SKIP_AUTHENTICATION)),
    picture: (mostBytes) => use((domain) => pictureOf(connection, domain, mostBytes)),
  };
}

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainScreenshot */
async function pictureOf(
  connection: Connection,
  domain: Pointer<'virDomain'>,
  mostBytes: number,
): Promise<Picture | undefined> {
  let type = '';
  const bytes = await receiveAll(connection, {
    begin: async (call, stream) => {
      type = (await call('virDomainScreenshot', domain, stream, FIRST, 0)) as string;
    },
    mostBytes,
  });
  return bytes && { type, bytes };
}
