import type { CheckedText } from './check.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { byPlace, whereIs } from '../diagnostics/diagnostic.ts';
import { claimsOf } from './claims.ts';
import type { Claim } from './claims.ts';

interface Owner {
  readonly file: CheckedText;
  readonly claim: Claim;
}

/**
 * The files, each with the mistake of claiming what an earlier one has: its name, its address or its MAC
 * address.
 */
export function crossChecked(files: readonly CheckedText[]): readonly CheckedText[] {
  const owners = new Map<string, Owner>();
  return files.map((file) => {
    const taken = takenClaims(file, owners);
    const diagnostics = taken.map(({ claim, owner }) => {
      const text = takenText(file.report(claim.path, ''), claim, owner);
      return file.report(claim.path, text);
    });
    for (const claim of claimsOf(file)) {
      const key = `${claim.kind} ${claim.id}`;
      owners.set(key, owners.get(key) ?? { file, claim });
    }
    return diagnostics.length === 0 ? file : refused(file, diagnostics);
  });
}

/** A MAC address that follows from an address is not told a second time. */
function takenClaims(
  file: CheckedText,
  owners: ReadonlyMap<string, Owner>,
): readonly { readonly claim: Claim; readonly owner: Owner }[] {
  const reported = new Set<string>();
  return claimsOf(file).flatMap((claim) => {
    const owner = owners.get(`${claim.kind} ${claim.id}`);
    const place = claim.path.join('.');
    if (owner === undefined || reported.has(place)) {
      return [];
    }
    reported.add(place);
    return [{ claim, owner }];
  });
}

function takenText(here: Diagnostic, { kind, id }: Claim, { file, claim }: Owner): string {
  const there = whereIs(file.report(claim.path, ''));
  if (there === whereIs(here)) return `${id} is the ${kind} of several VMs that stand here`;
  return `${id} is already the ${kind} of the VM in ${there}`;
}

function refused(file: CheckedText, more: readonly Diagnostic[]): CheckedText {
  const diagnostics = [...file.diagnostics, ...more].toSorted(byPlace);
  return { ...file, refusal: file.refusal ?? 'validation', diagnostics };
}
