import type { DraftValues } from '../../../config/draft/draft.ts';
import { MIB_PER_GIB } from '../../../text/units.ts';
import type { Evidence } from '../evidence.ts';
import type { Words } from '../piece.ts';

const KIB_PER_MIB = 1024;

/** An amount under the one of two keys that says it shortest: `memory_gib: 4`. */
export function inGibOrMib(mib: number): { readonly memory_gib: number } | { readonly memory_mib: number } {
  return mib % MIB_PER_GIB === 0 ? { memory_gib: mib / MIB_PER_GIB } : { memory_mib: mib };
}

function mostIn(mib: number): { readonly memory_max_gib: number } | { readonly memory_max_mib: number } {
  return mib % MIB_PER_GIB === 0 ? { memory_max_gib: mib / MIB_PER_GIB } : { memory_max_mib: mib };
}

/** What a VM has, and what it can have, where that is more or was said when it was made. */
export function memory({ facts, metadata }: Evidence, words: Words): DraftValues {
  const { memoryKib: mostKib, currentMemoryKib: nowKib } = facts;
  const made = metadata?.declared;
  const madeMost = made?.layout?.memoryMaxMib;
  const now = inMib('memory', nowKib, words);
  if (made?.memoryKib !== undefined) tellWas(now, made.memoryKib / KIB_PER_MIB, words);
  if (mostKib === nowKib && madeMost === undefined) return now.values;
  const most = inMib('memory_max', mostKib, words);
  if (madeMost !== undefined) tellWas(most, madeMost, words);
  return { ...now.values, ...most.values };
}

interface Said {
  readonly key: string;
  readonly mib: number;
  readonly values: DraftValues;
}

function inMib(name: 'memory' | 'memory_max', kib: number, words: Words): Said {
  const mib = Math.max(1, Math.round(kib / KIB_PER_MIB));
  const values = name === 'memory' ? inGibOrMib(mib) : mostIn(mib);
  const [key = ''] = Object.keys(values);
  if (kib !== mib * KIB_PER_MIB) words.at([key], `the domain has ${kib} KiB`);
  return { key, mib, values };
}

function tellWas({ key, mib }: Said, madeMib: number, words: Words): void {
  if (mib !== madeMib) words.at([key], `it was ${madeMib} MiB when plow made the VM`);
}
