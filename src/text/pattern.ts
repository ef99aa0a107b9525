/** Whether a word stands for several names, as in a shell. */
export function isPattern(word: string): boolean {
  return /[*?]/u.test(word);
}

/** As a shell matches names: `*`, `?`. */
export function patternOf(word: string): RegExp {
  const source = word.replaceAll(/[.*+?^${}()|[\]\\]/gu, (character) => {
    if (character === '*') return '.*';
    return character === '?' ? '.' : `\\${character}`;
  });
  return new RegExp(`^${source}$`, 'su');
}
