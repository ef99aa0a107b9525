import type { DoctorDocument } from '../../documents/doctor-schema.ts';
import type { CheckResult } from '../../vm/doctor/finding.ts';

/** The document of `plow doctor -o json`. @param uri without a password */
export function doctorDocument(uri: string, results: readonly CheckResult[]): DoctorDocument {
  return {
    uri,
    checks: results.map(({ check, status, text, repair = null }) => ({ check, status, text, repair })),
  };
}
