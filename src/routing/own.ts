/** The first line of each file that plow puts on a hypervisor, or the second of one that is run. */
export const OWN_MARK = '# Made by plow network setup; plow network remove takes it away.';

/** Whether plow has made a file, and so may write or delete it. */
export function isOwn(text: string): boolean {
  return text.split('\n', 2).includes(OWN_MARK);
}

/** What was in a file before plow copied it. */
export function withoutMark(text: string): string {
  return text.replace(`${OWN_MARK}\n`, '');
}
