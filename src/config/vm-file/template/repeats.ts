import { whereIs } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { MOST_COMPLAINTS } from '../../diagnostics/reporter.ts';
import type { CheckedText } from '../check.ts';

/** Rows that are named; of more it is said how many there are. */
const MOST_NAMED = 3;

/**
 * VMs, of which each mistake is told once: what is wrong with a base is wrong with all that extend it. Where
 * it is so for some of the VMs of a file that counts them, for which. As many of a file as help.
 */
export function withoutRepeats(all: readonly CheckedText[]): readonly CheckedText[] {
  const rows = rowsByWords(all);
  const told = new Set<string>();
  const counts = new Map<string, number>();
  return all.map((checked) => {
    const fresh = checked.diagnostics.flatMap((one) => {
      const words = wordsOf(one);
      if (told.has(words)) return [];
      told.add(words);
      const label = labelOf(rows.get(words) ?? [], checked.row?.of);
      return [label === '' ? one : { ...one, text: `${one.text} ${label}` }];
    });
    const before = counts.get(checked.file) ?? 0;
    const shown = fresh.slice(0, Math.max(0, MOST_COMPLAINTS - before));
    counts.set(checked.file, before + shown.length);
    return { ...checked, diagnostics: shown, omitted: checked.omitted + fresh.length - shown.length };
  });
}

function rowsByWords(all: readonly CheckedText[]): ReadonlyMap<string, readonly number[]> {
  const rows = new Map<string, number[]>();
  for (const { row, diagnostics } of all) {
    for (const one of row === undefined ? [] : diagnostics) {
      const words = wordsOf(one);
      const found = rows.get(words) ?? [];
      if (row !== undefined) found.push(row.n);
      rows.set(words, found);
    }
  }
  return rows;
}

/** `(VM 3 of 10)`; nothing where it is so for all. */
function labelOf(rows: readonly number[], of = 1): string {
  const [first] = rows;
  if (first === undefined || rows.length >= of) return '';
  if (rows.length === 1) return `(VM ${first} of ${of})`;
  const named = rows.slice(0, MOST_NAMED).join(', ');
  const more = rows.length > MOST_NAMED ? ` and ${rows.length - MOST_NAMED} more` : '';
  return `(VMs ${named}${more} of ${of})`;
}

function wordsOf(one: Diagnostic): string {
  return JSON.stringify([whereIs(one), one.severity, one.key, one.text]);
}
