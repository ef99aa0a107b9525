import { describe } from '../../config/diagnostics/diagnostic.ts';
import type { Complaint } from '../../config/diagnostics/diagnostic.ts';
import { frameLines } from '../../terminal/frame.ts';
import { printable } from '../../text/printable.ts';

/** A complaint in one line, and below it the line of the file that it is about. */
export function complaintLines(complaint: Complaint, columns: number): readonly string[] {
  const { severity, spot } = complaint;
  const line = `${severity}: ${printable(describe(complaint))}`;
  return spot === undefined ? [line] : [line, ...frameLines({ line: spot.line, ...spot.excerpt }, columns)];
}
