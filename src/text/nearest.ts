/** How many letters to insert, delete, replace, or swap with their neighbours (optimal string alignment). */
function distance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 0; line < from.length; line += 1) {
    const next = [line + 1];
    for (let column = 0; column < to.length; column += 1) {
      const isSwapped = from[line] === to[column - 1] && from[line - 1] === to[column];
      const swapped = isSwapped ? (before[column - 1] ?? 0) + 1 : Infinity;
      const replaced = (row[column] ?? 0) + (from[line] === to[column] ? 0 : 1);
      next.push(Math.min(swapped, replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}

/**
 * The candidate that `word` most likely was meant to be, if it is close enough to say so:
 * one letter off for short words, two for those of more than four letters.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplified(word);
  const close = candidates
    .filter((candidate) => Math.abs(candidate.length - plain.length) <= 2)
    .map((candidate) => ({ candidate, far: distance(plain, simplified(candidate)) }))
    .filter(({ candidate, far }) => far <= (Math.min(candidate.length, plain.length) > 4 ? 2 : 1))
    .toSorted((a, b) => a.far - b.far);
  return close[0]?.candidate;
}

/** What other tools call the keys of a VM. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['ram', 'memory_gib'],
  ['mem', 'memory_gib'],
  ['cpu', 'vcpus'],
  ['cores', 'vcpus'],
  ['disk', 'boot_disk'],
  ['disks', 'data_disks'],
  ['interfaces', 'network_interfaces'],
  ['networks', 'network_interfaces'],
  ['nics', 'network_interfaces'],
  ['address', 'ip'],
  ['nameservers', 'dns_servers'],
]);

/** As nearest, for a key: one may also be cut off at its unit or be called as elsewhere (`memory`, `ram`). */
export function meantKey(word: string, known: readonly string[]): string | undefined {
  const plain = simplified(word);
  const synonym = SYNONYMS.get(plain);
  return (
    nearest(word, known) ??
    known.find((key) => plain !== '' && key.startsWith(`${plain}_`)) ??
    known.find((key) => key === synonym)
  );
}

/** `; did you mean 'vcpus'?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  return orDidYouMean(nearest(word, candidates));
}

/** The same of a name that was found, which is the one way in which plow asks. */
export function orDidYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/** `VCPUs`, `my-key` and `my key` are as good as the name that they stand for. */
function simplified(word: string): string {
  return word.toLowerCase().replaceAll(/[-\s]/g, '_');
}
