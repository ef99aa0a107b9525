import type { Peer } from '../../this-machine/server.ts';
import { callLocal } from './native.ts';

/** sockaddr_un, in which alone there is a path: a family of two bytes, and a path of 108. */
const FAMILY_BYTES = 2;
const ADDRESS_BYTES = FAMILY_BYTES + 108;
/** https://man7.org/linux/man-pages/man7/unix.7.html: pid, uid and gid of who called listen(2). */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const CREDENTIALS = 3;
/** As servers call theirs, in whatever directory: https://libvirt.org/daemons.html */
const SOCKET = /\/(?:libvirt|virtqemud)-sock(?:-ro)?$/u;

/** Who listens at libvirt's sockets. @param files open ones of this process, of any kind */
export function peersOf(files: readonly number[]): readonly Peer[] {
  return files.flatMap((file) => {
    if (!SOCKET.test(peerPath(file))) return [];
    const credentials = new Int32Array(CREDENTIALS);
    const bytes = new Uint32Array([credentials.byteLength]);
    if (callLocal('getsockopt', file, SOL_SOCKET, SO_PEERCRED, credentials, bytes) !== 0) return [];
    return [{ pid: credentials[0] ?? 0 }];
  });
}

/** Under which path the server has its socket; empty for what is no connection to a Unix socket. */
function peerPath(file: number): string {
  const address = Buffer.alloc(ADDRESS_BYTES);
  const bytes = new Uint32Array([address.byteLength]);
  if (callLocal('getpeername', file, address, bytes) !== 0) return '';
  const end = address.indexOf(0, FAMILY_BYTES);
  return address.toString('latin1', FAMILY_BYTES, end === -1 ? ADDRESS_BYTES : end);
}
