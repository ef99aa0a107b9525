/**
 * A text as one word of a shell command, for hints that are pasted. `=ls` is the path of a program to zsh.
 */
export function shellQuote(text: string): string {
  return /^(?!=)[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same for an argument, such as the name of a VM: one that begins with `-` is told from an option. */
export function shellArgument(text: string): string {
  return text.startsWith('-') ? `-- ${shellQuote(text)}` : shellQuote(text);
}
