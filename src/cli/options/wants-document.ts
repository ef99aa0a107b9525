/** Also `-qo json` and `-ojson`. */
const SHORT = /^-[A-Za-z]*?o(?<format>.*)$/u;
const LONG = /^--output(?:=(?<format>.*))?$/u;
const FORMATS: readonly (string | undefined)[] = ['json', 'yaml'];

/**
 * Whether a command line asks for a document for programs. It is looked at as it stands, since one that
 * commander refuses, or that fails before commander has read it, has to be told in the same way.
 */
export function wantsDocument(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.some((word, index) => {
    const format = (LONG.exec(word) ?? SHORT.exec(word))?.groups;
    return format !== undefined && FORMATS.includes(format['format'] || words[index + 1]);
  });
}
