/** Control characters, and the marks that turn or hide text: line separators, bidirectional controls. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * What the programs that run CI take for a command in what is printed: `::error::` where a line begins
 * (GitHub), and anywhere `##[` (GitHub), `##vso[` (Azure), `##teamcity[`. The second sign of each.
 */
const COMMAND = /(?<=#)#(?=(?:vso|teamcity)?\[)|(?<=^[^\S\n]*:):(?=[a-z][\w-]*(?:\s[^\n]*)?::)/gimu;

/** A foreign string made safe for one line of a terminal, or of a log. */
export function printable(text: string): string {
  return withoutCommands(text.replaceAll(UNPRINTABLE, '\u{FFFD}'));
}

/** A text of the same length that no program which runs CI takes for a command. */
export function withoutCommands(text: string): string {
  return text.replaceAll(COMMAND, '\u{FFFD}');
}

/** The same, with escapes that say what was there: `\u{1b}`. */
export function escaped(text: string): string {
  return text.replaceAll(UNPRINTABLE, escape).replaceAll(COMMAND, escape);
}

function escape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Whether a program that runs CI would take a part of the text for a command. */
export function holdsCommand(text: string): boolean {
  return text.search(COMMAND) >= 0;
}

/** Lines of a document, tabs as they are; each behind a bar, so that none begins as it pleases. */
export function quotedLines(text: string): readonly string[] {
  return text.split('\n').map((line) => `| ${line.split('\t').map(escaped).join('\t')}`.trimEnd());
}
