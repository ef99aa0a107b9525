/** Who can say what stands in a file: from the descriptor that it was read from. */
export interface FileAccess {
  readonly owner: number;
  /** Type and permissions, as st_mode of stat(2). */
  readonly mode: number;
}

/** Why something may be others' work. */
export interface Foreign {
  /** In words, behind the name of a file or directory. */
  readonly why: string;
  /** What is wrong is the mode alone: `chmod go-w` repairs it. */
  readonly isModeOnly: boolean;
}

const WRITTEN_BY_OTHERS = 0o022;
const PERMISSIONS = 0o7777;

/**
 * Why a file may hold what neither root nor the user whom plow runs as has written; undefined where it
 * cannot. A group counts as others, also the one that is called as the user is: who is in it, only /etc/group
 * tells. ssh does so too.
 */
export function whyForeign({ owner, mode }: FileAccess, userId: number): Foreign | undefined {
  const runsAs = userId === 0 ? 'root' : `uid ${userId}`;
  if (owner !== 0 && owner !== userId)
    return { why: `belongs to uid ${owner}, and plow runs as ${runsAs}`, isModeOnly: false };
  if ((mode & WRITTEN_BY_OTHERS) === 0) return undefined;
  return { why: `can be written by others (mode 0${(mode & PERMISSIONS).toString(8)})`, isModeOnly: true };
}

/**
 * A URI that leads to a socket of this machine or to a host, and no more. Parameters such as `command`,
 * `netcat` and `keyfile`, and the transport `ext`, name programs and files. https://libvirt.org/uri.html
 */
export function isPlainUri(uri: string): boolean {
  return !uri.includes('?') && !/^[^:]*\+ext:/u.test(uri);
}
