import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Answer } from '../hypervisor/reach.ts';

/** RFC 4253 4.2; other lines may come first, which ends the look as well. */
const GREETING = /^SSH-(?:1\.99|2\.0)-/mu;
const MOST_GREETING_BYTES = 8192;
const SSH_PORT = 22;
/** ssh-keyscan takes whole seconds. */
const KEYS_WITHIN_S = 3;
const KEY = /^\S+ (?<key>(?:ssh|ecdsa)-\S{1,40} [A-Za-z0-9+/]{40,1000}={0,2})$/u;
const BARE_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** As the port's. @param address IPv4 or IPv6 @param port another one than that of ssh, for tests */
export async function knock(
  address: string,
  { withinMs, withHostKeys }: { readonly withinMs: number; readonly withHostKeys: boolean },
  port = SSH_PORT,
): Promise<Answer> {
  const port22 = await greeting(address, port, withinMs);
  const hostKeys = port22 === 'ssh' && withHostKeys ? await scannedKeys(address) : undefined;
  // The connection has made the kernel ask who has the address.
  return { port22, hostKeys, neighbour: await neighbourOf(address) };
}

function greeting(address: string, port: number, withinMs: number): Promise<Answer['port22']> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: address, port });
    const end = (answer: Answer['port22']): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(heard === '' ? 'silent' : 'other'), withinMs);
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      if (GREETING.test(heard)) end('ssh');
      else if (heard.length > MOST_GREETING_BYTES) end('other');
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'),
    );
    socket.on('end', () => end(heard === '' ? 'silent' : 'other'));
  });
}

/**
 * By OpenSSH's own program, which has each key prove that it is there; undefined without that program. A
 * server that proves none has none.
 */
function scannedKeys(address: string): Promise<readonly string[] | undefined> {
  const words = ['-T', String(KEYS_WITHIN_S), '-t', 'ed25519,ecdsa', '--', address];
  const bounds = { timeout: 2000 * KEYS_WITHIN_S, env: BARE_ENVIRONMENT, maxBuffer: 64 * 1024 };
  return new Promise((resolve) => {
    execFile('ssh-keyscan', words, bounds, (error, stdout) => {
      const keys = stdout.split('\n').flatMap((line) => KEY.exec(line)?.groups?.['key'] ?? []);
      resolve(error?.code === 'ENOENT' ? undefined : keys);
    });
  });
}

/** ATF_COM of linux/if_arp.h: the entry has an answer in it. */
const COMPLETE = 2;

/** https://man7.org/linux/man-pages/man5/proc_pid_net.5.html */
async function neighbourOf(address: string): Promise<string | undefined> {
  const table = await readFile('/proc/net/arp', 'utf8').catch(() => '');
  return neighbourIn(table, address);
}

/** @param table as /proc/net/arp has it @param device where; undefined: anywhere */
export function neighbourIn(table: string, address: string, device?: string): string | undefined {
  for (const line of table.split('\n')) {
    const [ip, , flags = '0', mac = '', , there] = line.trim().split(/\s+/u);
    if (ip !== address || (device !== undefined && device !== there)) continue;
    if ((Number(flags) & COMPLETE) !== 0) return mac.toLowerCase();
  }
  return undefined;
}
