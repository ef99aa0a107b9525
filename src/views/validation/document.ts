import type { CheckedText } from '../../config/vm-file/check.ts';
import { byPlace } from '../../config/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../config/diagnostics/diagnostic.ts';
import type { ValidateDocument } from '../../documents/validate-schema.ts';
import type { NotChecked } from '../../vm/host/not-checked.ts';

/** Where several hosts were asked: by which it is told. */
type OfHost<T> = T & { readonly host?: string };

/** What a hypervisor has against a VM of a file. */
interface AboutVm {
  readonly subject: Pick<CheckedText, 'file' | 'ordinal'>;
  readonly diagnostic: Diagnostic;
}

/**
 * What `plow validate -o json` prints, as docs/validate.md says: every diagnostic, file by file in the order
 * given, each from top to bottom.
 * @param more what hypervisors have against them @param notChecked undefined where none was asked
 */
export function validationDocument(
  files: readonly CheckedText[],
  more: readonly OfHost<AboutVm>[],
  notChecked?: readonly OfHost<NotChecked>[],
): ValidateDocument {
  const mistakes = files.flatMap(({ file, ordinal = 0, diagnostics }) => {
    const isAbout = ({ subject }: AboutVm): boolean =>
      subject.file === file && (subject.ordinal ?? 0) === ordinal;
    const found = more.filter(isAbout).map(({ diagnostic, host }) => ofHost(diagnostic, host));
    return [...diagnostics, ...found].toSorted(byPlace);
  });
  return {
    files: new Set(files.map(({ file }) => file)).size,
    vms: files.length,
    omitted: files.reduce((sum, { omitted }) => sum + omitted, 0),
    mistakes: mistakes.map(toEntry),
    ...(notChecked === undefined ? {} : { not_checked: [...notChecked] }),
  };
}

function toEntry(diagnostic: OfHost<Diagnostic>): Entry {
  const { host, file, spot, key, severity, text, suggestion, origin } = diagnostic;
  const { line = 1, column = 1, endColumn = 1 } = spot ?? {};
  const of = host === undefined ? {} : { host };
  return { ...of, file, line, column, endColumn, key, severity, message: text, suggestion, origin };
}

function ofHost<T extends object>(one: T, host: string | undefined): OfHost<T> {
  return host === undefined ? one : { ...one, host };
}

type Entry = ValidateDocument['mistakes'][number];
