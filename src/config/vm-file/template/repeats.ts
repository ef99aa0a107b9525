import { whereIs } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { MOST_COMPLAINTS } from '../../diagnostics/reporter.ts';
import type { CheckedText } from '../check.ts';

/**
 * VMs, of which each mistake is told once: what is wrong with a base is wrong with all that extend it. As
 * many of a file as help.
 */
export function withoutRepeats(all: readonly CheckedText[]): readonly CheckedText[] {
  const told = new Set<string>();
  const counts = new Map<string, number>();
  return all.map((checked) => {
    const fresh = checked.diagnostics.filter((one) => {
      const words = wordsOf(one);
      const isNew = !told.has(words);
      told.add(words);
      return isNew;
    });
    const before = counts.get(checked.file) ?? 0;
    const shown = fresh.slice(0, Math.max(0, MOST_COMPLAINTS - before));
    counts.set(checked.file, before + shown.length);
    return { ...checked, diagnostics: shown, omitted: checked.omitted + fresh.length - shown.length };
  });
}

function wordsOf(one: Diagnostic): string {
  return JSON.stringify([whereIs(one), one.severity, one.key, one.text]);
}
