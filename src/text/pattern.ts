/** Whether a word stands for several names, as in a shell. */
export function isPattern(word: string): boolean {
  return /[*?]/u.test(word);
}

/**
 * As a shell matches names: `*`, `?`, by code points. It takes at most as many steps as the lengths of both
 * make when multiplied.
 */
export function matcherOf(pattern: string): (text: string) => boolean {
  const signs = Array.from(pattern);
  return (text) => matches(signs, Array.from(text));
}

/** What the last `*` stands for grows until the rest fits: what those before it stand for needs no change. */
function matches(signs: readonly string[], text: readonly string[]): boolean {
  let [at, sign] = [0, 0];
  let last: { readonly star: number; readonly end: number } | undefined;
  while (at < text.length) {
    if (signs[sign] === '*') {
      last = { star: sign, end: at };
      sign += 1;
    } else if (signs[sign] === '?' || signs[sign] === text[at]) {
      [at, sign] = [at + 1, sign + 1];
    } else if (last === undefined) {
      return false;
    } else {
      last = { star: last.star, end: last.end + 1 };
      [at, sign] = [last.end, last.star + 1];
    }
  }
  return signs.slice(sign).every((rest) => rest === '*');
}
