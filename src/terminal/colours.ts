import { Chalk } from 'chalk';
import type { Colour } from './table.ts';

const chalk = new Chalk({ level: 1 });

/** Paints whatever the terminal is: whether colours are wanted is decided elsewhere. */
export function paint(text: string, colour: Colour): string {
  return chalk[colour](text);
}
