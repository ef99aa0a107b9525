import type { GcDocument } from '../../documents/gc/gc-schema.ts';
import { printable } from '../../text/printable.ts';
import { bytesText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { Fate, Garbage, Hidden, Left } from '../../vm/gc/garbage.ts';

/** What became of something that was to go. */
export type Outcome =
  | { readonly status: 'destroyed'; readonly until: string }
  | { readonly status: 'removed'; readonly left: Left }
  | { readonly status: 'failed'; readonly message: string };

/** Of something that was not refused. */
export function outcomeOf(went: Left | Hidden): Outcome {
  return 'until' in went ? { status: 'destroyed', until: went.until } : { status: 'removed', left: went };
}

/** A thing that is left over, for people. */
export function garbageLines(garbage: Garbage): readonly string[] {
  const { fate, why } = garbage;
  const lines =
    'stays' in fate
      ? [`stays: ${named(garbage)}`, `  ${why}`, `  ${fate.stays}`]
      : [`goes:  ${named(garbage)}`, `  ${why}`];
  return lines.map(printable);
}

/** What became of it, for people. */
export function outcomeLines(garbage: Garbage, outcome: Outcome): readonly string[] {
  // Of one that failed the error itself is told.
  if (outcome.status === 'failed') return [];
  if (outcome.status === 'destroyed') {
    const back = `  until ${outcome.until} plow undelete ${shellArgument(garbage.what)} brings it back`;
    return [`destroyed: ${named(garbage)}`, back].map(printable);
  }
  const whole = outcome.left.get(garbage.what);
  if (whole !== undefined) return [`stays: ${named(garbage)}`, `  ${whole}`].map(printable);
  const first = isInPart(garbage, outcome) ? 'removed in part' : 'removed';
  const left = [...outcome.left].map(([what, why]) => `  left: ${what} (${why})`);
  return [`${first}: ${named(garbage)}`, ...left].map(printable);
}

/** Whether something went, and something of it is left. */
export function isInPart({ what }: Garbage, outcome: Outcome): boolean {
  return outcome.status === 'removed' && outcome.left.size > 0 && !outcome.left.has(what);
}

function named({ kind, what, bytes }: Garbage): string {
  return `${kind} ${what}${bytes === undefined ? '' : ` (${bytesText(bytes)})`}`;
}

/** How much there is, and what to do. */
export function summaryOf(all: readonly Garbage[]): string {
  if (all.length === 0) return 'nothing is left over';
  const going = all.filter(({ fate }) => 'remove' in fate);
  const bytes = going.reduce((sum, garbage) => sum + (garbage.bytes ?? 0), 0);
  const size = bytes === 0 ? '' : ` with ${bytesText(bytes)}`;
  const staying = all.length - going.length;
  const stay = staying === 0 ? '' : `; ${staying} ${staying === 1 ? 'stays' : 'stay'}`;
  if (going.length === 0) return `nothing to remove${stay}`;
  return `plow gc --delete removes ${things(going.length)}${size}${stay}`;
}

export function things(count: number): string {
  return count === 1 ? '1 thing' : `${count} things`;
}

/** The same for programs. */
export function gcDocument(garbage: Garbage, outcome: Outcome | undefined): GcDocument {
  const { kind, what, bytes, why, fate } = garbage;
  const left = outcome?.status === 'removed' ? outcome.left : new Map<string, string>();
  const whole = left.get(what);
  return {
    kind,
    what,
    bytes: bytes ?? null,
    why,
    status: whole === undefined ? (outcome?.status ?? ('stays' in fate ? 'stays' : 'found')) : 'stays',
    stays: whole ?? whyStays(fate, outcome),
    undo_until: outcome?.status === 'destroyed' ? outcome.until : null,
    left: [...left].map(([path, reason]) => ({ what: path, why: reason })),
  };
}

function whyStays(fate: Fate, outcome: Outcome | undefined): string | null {
  if (outcome?.status === 'failed') return outcome.message;
  return outcome === undefined && 'stays' in fate ? fate.stays : null;
}
