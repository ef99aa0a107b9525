/** The first line of each file that plow puts on a hypervisor, or the second of one that is run. */
export const OWN_MARK = '# Made by plow network setup; plow network remove takes it away.';

/** Begins the second line of a copy of the network file. One that was edited since is the administrator's. */
export const HASH_LINE = '# Unless it is edited: what follows had the sha256 ';

/** Whether plow has made a file, and so may write or delete it. */
export function isOwn(text: string): boolean {
  return text.split('\n', 2).includes(OWN_MARK);
}

/** What was in a file before plow copied it. */
export function withoutMark(text: string): string {
  const [hash, rest] = [HASH_LINE, text.replace(`${OWN_MARK}\n`, '')];
  return rest.startsWith(hash) ? rest.slice(rest.indexOf('\n') + 1) : rest;
}
