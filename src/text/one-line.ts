import { printable } from './printable.ts';

/** A text of several lines made safe for one: where it had a new line or a tab there is a space. */
export function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/ *[\t\r\n][\t\r\n ]*/gu, ' '));
}
