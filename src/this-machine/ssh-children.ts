import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The ssh of a libvirt connection, and what it started. libvirt starts it, so node knows nothing of it.
 * https://man7.org/linux/man-pages/man5/proc_tid_children.5.html
 */
export interface SshChild {
  readonly pid: number;
  /** Grows with all that it reads, from the network too. */
  readonly readBytes: string;
  /** It shows a question on the terminal, or in a window, and waits for the answer. */
  readonly asks: boolean;
}

/** ssh, its ProxyCommand and ssh-askpass; a shell may stand in between. */
const DEEPEST = 4;

/** What processes of this kernel that ssh was started by are there now. @param of a process, else this one */
export function sshChildren(of: number | 'self' = 'self', depth = 0): readonly SshChild[] {
  if (depth === DEEPEST) return [];
  return childrenOf(of).flatMap((pid) => [describe(pid), ...sshChildren(pid, depth + 1)]);
}

/** The pids of each ssh that libvirt started: one whose line is cut would go on for minutes after plow. */
export function sshPids(): readonly number[] {
  return childrenOf('self').filter((pid) => read(`/proc/${pid}/comm`).trim() === 'ssh');
}

function childrenOf(pid: number | 'self'): readonly number[] {
  const threads = names(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

function describe(pid: number): SshChild {
  const readBytes = /^rchar: (?<bytes>\d+)$/mu.exec(read(`/proc/${pid}/io`))?.groups?.['bytes'] ?? '';
  const isAskpass = read(`/proc/${pid}/comm`).includes('askpass');
  return { pid, readBytes, asks: isAskpass || hasTerminal(pid) };
}

/** readpassphrase(3) opens it for as long as it waits. */
function hasTerminal(pid: number): boolean {
  return names(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === '/dev/tty';
    } catch {
      return false;
    }
  });
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
