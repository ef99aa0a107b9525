import type { ApplyDocument } from '../../documents/fleet/apply-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import type { VmPlan } from '../../vm/fleet/plan.ts';
import { changeEntry } from '../diff/document.ts';
import type { Subject } from '../diff/document.ts';
import { failureEntry } from '../failure/document.ts';

/** A VM that need have no file any more. */
type AnySubject = Omit<Subject, 'file'> & { readonly file: string | null };

/** What came of a VM. */
export interface Applied {
  readonly status: ApplyDocument['status'];
  /** Undefined where there is none. */
  readonly uuid: string | undefined;
  /** From 1 on; undefined: nothing is done with it, or it comes after all waves. */
  readonly wave: number | undefined;
  readonly notes: readonly string[];
  readonly error: PlowError | undefined;
}

/** @param plan undefined where it could not be compared */
export function applyDocument(
  { file, name, host }: AnySubject,
  plan: VmPlan | undefined,
  { status, uuid, wave, notes, error }: Applied,
): ApplyDocument {
  return {
    ...(host === undefined ? {} : { host }),
    file,
    name,
    uuid: uuid ?? null,
    status,
    wave: wave ?? null,
    changes: (plan?.changes ?? []).map(({ change, fate }) => ({ ...changeEntry(change), fate })),
    unread: plan?.diff.unread ?? null,
    notes: [...notes],
    error: error === undefined ? null : failureEntry(error),
  };
}
