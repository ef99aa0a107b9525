/** A program for Linux on x86_64 and nothing else, of some 300 bytes: socket, sendto, exit. */

const ELF_BYTES = 64 + 56;
const ADDRESS = 0x40_00_00;

/** ff02::1 as its MAC address, a link-local sender, and the prefix that is advertised. */
const ALL_NODES_MAC = [0x33, 0x33, 0, 0, 0, 1];
const SENDER = [0xfe, 0x80, ...Array.from({ length: 13 }, () => 0), 0xba];
const ALL_NODES = [0xff, 2, ...Array.from({ length: 13 }, () => 0), 1];
const PREFIX = [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 12 }, () => 0)];

const big16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const big32 = (value: number): number[] => [...big16(value >>> 16), ...big16(value)];
const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Math.floor(value / 2 ** (8 * index)) % 256);

/** RFC 1071 */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/** A router advertisement (RFC 4861) of a default router and a prefix to take an address of, as a frame. */
function frame(mac: readonly number[]): readonly number[] {
  // Type, code, sum; hop limit, flags, lifetime; two timers. Then the prefix: /64, on-link and autonomous.
  const head = [134, 0, 0, 0, 64, 0, ...big16(1800), ...big32(0), ...big32(0)];
  const body = [...head, 3, 4, 64, 0xc0, ...big32(3600), ...big32(3600), ...big32(0), ...PREFIX];
  const sum = checksum([...SENDER, ...ALL_NODES, ...big32(body.length), ...big32(58), ...body]);
  body.splice(2, 2, ...big16(sum));
  const ip = [0x60, 0, 0, 0, ...big16(body.length), 58, 255, ...SENDER, ...ALL_NODES];
  return [...ALL_NODES_MAC, ...mac, 0x86, 0xdd, ...ip, ...body];
}

/** `mov r32, imm32`, of eax, edx, esi and edi, and r9d. */
const set = { eax: [0xb8], edx: [0xba], esi: [0xbe], edi: [0xbf], r9d: [0x41, 0xb9] } as const;
const mov = (register: keyof typeof set, value: number): number[] => [...set[register], ...little(value, 4)];
const SYSCALL = [0x0f, 0x05];

/** @param addressAt where sockaddr_ll stands @param frameAt and the frame behind it */
function code(addressAt: number, frameAt: number, length: number): number[] {
  return [
    [mov('eax', 41), mov('edi', 17), mov('esi', 3), mov('edx', 0x03_00), SYSCALL],
    // The socket, the frame, no flags, where to.
    [[0x89, 0xc7], mov('eax', 44), mov('esi', frameAt), mov('edx', length), [0x45, 0x31, 0xd2]],
    [[0x41, 0xb8], little(addressAt, 4), mov('r9d', 20), SYSCALL],
    // exit(sent != length)
    [[0x31, 0xff, 0x3d], little(length, 4), [0x40, 0x0f, 0x95, 0xc7], mov('eax', 60), SYSCALL],
  ].flat(2);
}

/**
 * A program that sends a router advertisement from the second interface of a guest, which is its first after
 * lo, and ends with 0 where it went out.
 * @param mac of that interface
 */
export function advertiser(mac: string): Buffer {
  const sender = mac.split(':').map((part) => Number.parseInt(part, 16));
  const sent = frame(sender);
  const start = ADDRESS + ELF_BYTES;
  const size = code(0, 0, 0).length;
  const where = [...little(17, 2), ...big16(3), ...little(2, 4), 0, 0, 0, 6, ...ALL_NODES_MAC, 0, 0];
  const program = [...code(start + size, start + size + where.length, sent.length), ...where, ...sent];
  const ident = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...Array.from({ length: 9 }, () => 0)];
  const header = [
    [ident, little(2, 2), little(62, 2), little(1, 4), little(start, 8), little(64, 8), little(0, 8)],
    [little(0, 4), little(64, 2), little(56, 2), little(1, 2), little(64, 2), little(0, 2), little(0, 2)],
  ].flat(2);
  const total = ELF_BYTES + program.length;
  const segment = [
    [little(1, 4), little(5, 4), little(0, 8), little(ADDRESS, 8), little(ADDRESS, 8)],
    [little(total, 8), little(total, 8), little(0x1000, 8)],
  ].flat(2);
  return Buffer.from([...header, ...segment, ...program]);
}
