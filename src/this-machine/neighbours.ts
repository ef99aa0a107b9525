import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import type { Neighbour } from '../hypervisor/local.ts';
import { neighbourIn } from './reach.ts';

/** Discard (RFC 863): nobody listens there any more, and nothing is said. */
const PORT = 9;
const LOOK_EVERY_MS = 10;
/** RTF_GATEWAY and RTF_REJECT of linux/route.h: not on the link, and nowhere. */
const NOT_ON_LINK = 0x0202;

/**
 * As the port's. An ordinary account cannot ask by ARP itself: an empty datagram has the kernel ask. What the
 * table has of before proves nothing, as it stays there for long after a VM is gone: then only the refusal
 * of the datagram tells that somebody is there.
 */
export async function askNeighbour(address: string, bridge: string, withinMs: number): Promise<Neighbour> {
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  if (!leadsThrough(routes, address, bridge)) return { found: 'no-route' };
  const before = await neighbourOf(address, bridge);
  const sent = send(address);
  try {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const mac = await neighbourOf(address, bridge);
      const { error } = sent;
      const isRefused = error !== undefined && REFUSALS.has(error);
      if (mac !== undefined && (mac !== before || isRefused)) return { found: 'answers', mac };
      if (error !== undefined && !isRefused) return { found: 'unsent' };
      const left = deadline - performance.now();
      if (left <= 0) return { found: mac === undefined ? 'silent' : 'remembered' };
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(left, LOOK_EVERY_MS));
      });
    }
  } finally {
    sent.end();
  }
}

/** Of ICMP, which the neighbour itself sends: port unreachable, or forbidden by a firewall. */
const REFUSALS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH']);

/** Sends an empty datagram; what comes of it is seen later. */
function send(address: string): { readonly error: string | undefined; readonly end: () => void } {
  const socket = createSocket('udp4');
  let error: string | undefined;
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    error ??= code ?? 'unknown';
  });
  socket.on('connect', () => {
    socket.send(new Uint8Array(), (failure) => {
      if (failure instanceof Error) error ??= 'not sent';
    });
  });
  socket.connect(PORT, address);
  return {
    get error() {
      return error;
    },
    end: () => void socket.close(),
  };
}

async function neighbourOf(address: string, device: string): Promise<string | undefined> {
  const table = await readFile('/proc/net/arp', 'utf8').catch(() => '');
  return neighbourIn(table, address, device);
}

/**
 * Whether the kernel seeks an address on the link of an interface.
 * @param routes as /proc/net/route has them: in hexadecimal, bytes as in memory
 */
export function leadsThrough(routes: string, address: string, device: string): boolean {
  const wanted = address.split('.').reduce((sum, octet, index) => sum + Number(octet) * 2 ** (8 * index), 0);
  const ways = routes
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t').map((word) => word.trim()))
    .map(([name, to = '', , flags = '', , , metric = '', mask = '']) => ({
      name,
      flags: Number.parseInt(flags, 16),
      metric: Number(metric),
      to: Number.parseInt(to, 16),
      mask: Number.parseInt(mask, 16),
    }))
    .filter(({ name, to, mask }) => name !== '' && (wanted & mask) === (to | 0))
    .toSorted((one, other) => bitsOf(other.mask) - bitsOf(one.mask) || one.metric - other.metric);
  const [way] = ways;
  return way?.name === device && (way.flags & NOT_ON_LINK) === 0;
}

function bitsOf(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}
