import type { DiffDocument } from '../../documents/fleet/diff-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import type { Change } from '../../vm/fleet/change.ts';
import type { VmDiff } from '../../vm/fleet/diff-vm.ts';
import { failureEntry } from '../failure/document.ts';

/** Of which VM in which file, and on which of several hosts. */
export interface Subject {
  readonly file: string;
  readonly name: string;
  readonly host: string | undefined;
}

/** A comparison for programs. @param result why there is none, or it */
export function diffDocument({ file, name, host }: Subject, result: VmDiff | PlowError): DiffDocument {
  const head = { ...(host === undefined ? {} : { host }), file, name };
  if (result instanceof Error)
    return { ...head, uuid: null, status: 'failed', changes: [], unread: null, error: failureEntry(result) };
  const { uuid, standing, changes, unread } = result;
  return {
    ...head,
    uuid: uuid ?? null,
    status: standing,
    changes: changes.map(changeEntry),
    unread: unread ?? null,
    error: null,
  };
}

export function changeEntry({ what, file, made, stored, live, verdict, cause, isPending }: Change): Entry {
  return {
    what,
    ...(file === undefined ? {} : { file }),
    ...(made === undefined ? {} : { made }),
    ...(stored === undefined ? {} : { stored }),
    ...(live === undefined ? {} : { live }),
    verdict,
    cause,
    pending: isPending,
  };
}

type Entry = DiffDocument['changes'][number];
