import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { NotHere } from '../hypervisor/local.ts';

/**
 * Whether libvirt's server sees the same files and the same network as plow. By what everybody may read of
 * any process: the links in /proc/PID/ns are for root alone.
 */

/** Who listens at the other end of a socket. */
export interface Peer {
  /** 0: in a pid namespace that is not visible from here. */
  readonly pid: number;
}

/** What a process sees. */
export interface Surroundings {
  /** The first 15 bytes of its program's name. */
  readonly name: string;
  /** Which mount is its `/`; no two of a kernel have the same number. Empty: a directory in one. */
  readonly root: string;
  /** Which network namespace it has. */
  readonly network: string;
}

/** NixOS calls what a wrapper of its own starts `.libvirtd-wrapped`. */
const SERVER = /^\.?(?:libvirtd|virtqemud|virtproxyd)/u;
/** A service manager that listens for libvirt, and starts it when somebody comes. */
const MANAGER = /^(?:systemd|init)$/u;
const READ_BYTES = 1024;
/** The root is among the first. */
const MOST_BYTES = 64 * 1024;
/** https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
const MOUNT_POINT = 4;

/** Descriptors of all that this process has open; none where that cannot be seen. */
export function openFiles(): readonly number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    return [];
  }
}

/**
 * Why this is not the machine of whoever listens, or may not be; undefined: it is. @param peers of all
 * connections to libvirt, as nobody knows which is which
 */
export function whyNotHere(peers: readonly Peer[]): NotHere | undefined {
  const own = attempt(() => lookAt('self'));
  if (own === undefined || peers.length === 0) return 'untold';
  return peers
    .map(({ pid }) => {
      const server = pid === 0 ? undefined : attempt(() => lookAt(pid));
      return judge({ pid, server }, own, server === undefined && isRoot());
    })
    .find((why) => why !== undefined);
}

/**
 * @param server undefined where it cannot be looked at
 * @param mayLook root, from whom no process is hidden
 */
export function judge(
  { pid, server }: Peer & { readonly server: Surroundings | undefined },
  own: Surroundings,
  mayLook: boolean,
): NotHere | undefined {
  if (pid === 0) return 'hidden';
  // /proc may be mounted so that a user sees nothing of the processes of others (hidepid).
  if (server === undefined) return mayLook ? 'untold' : undefined;
  if (!SERVER.test(server.name) && !MANAGER.test(server.name) && pid !== 1) return 'relay';
  if (server.root !== own.root || own.root === '') return 'other-files';
  return server.network === own.network ? undefined : 'other-network';
}

function lookAt(which: number | 'self'): Surroundings {
  const directory = `/proc/${which}`;
  return {
    name: readUntil(`${directory}/comm`, (text) => text.split('\n', 1)[0]),
    root: readUntil(`${directory}/mountinfo`, rootIn),
    // The namespace has it, under whatever process one looks.
    network: String(statSync(`${directory}/net/dev`).ino),
  };
}

function isRoot(): boolean {
  return statSync('/proc/self').uid === 0;
}

function rootIn(mounts: string): string | undefined {
  const lines = mounts.split('\n').map((line) => line.split(' ', MOUNT_POINT + 2));
  // The last line may have been read in part.
  return lines.find((fields) => fields[MOUNT_POINT] === '/' && fields.length > MOUNT_POINT + 1)?.[0];
}

/**
 * What is found in a file, which is read no further than needed: a host of containers has thousands of
 * mounts. Empty where it has no such thing.
 */
function readUntil(path: string, find: (text: string) => string | undefined): string {
  const file = openSync(path, 'r');
  try {
    const block = Buffer.allocUnsafe(READ_BYTES);
    for (let text = ''; text.length < MOST_BYTES;) {
      const bytes = readSync(file, block);
      text += block.toString('latin1', 0, bytes);
      const found = find(text);
      if (found !== undefined || bytes === 0) return found ?? '';
    }
    return '';
  } finally {
    closeSync(file);
  }
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
