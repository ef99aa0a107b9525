import { describe } from '../../config/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../config/diagnostics/diagnostic.ts';
import { frameLines } from '../../terminal/frame.ts';
import { printable } from '../../text/printable.ts';

/** A diagnostic in one line, and below it the line of the file that it is about. */
export function diagnosticLines(diagnostic: Diagnostic, columns: number): readonly string[] {
  const { severity, spot } = diagnostic;
  const line = `${severity}: ${printable(describe(diagnostic))}`;
  return spot === undefined ? [line] : [line, ...frameLines({ line: spot.line, ...spot.excerpt }, columns)];
}
