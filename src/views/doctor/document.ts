import type { DoctorDocument } from '../../documents/doctor-schema.ts';
import type { CheckResult } from '../../vm/doctor/finding.ts';

/** The document of `plow doctor -o json`. @param uri without a password @param host of several */
export function doctorDocument(uri: string, results: readonly CheckResult[], host?: string): DoctorDocument {
  return {
    ...(host === undefined ? {} : { host }),
    uri,
    checks: results.map(({ check, status, text, repair = null }) => ({ check, status, text, repair })),
  };
}
