import type { DoctorDocument } from '../../documents/doctor-schema.ts';
import type { CheckResult } from '../../vm/doctor/finding.ts';

/** The document of `plow doctor -o json`. @param uri without a password @param host of several */
export function doctorDocument(uri: string, results: readonly CheckResult[], host?: string): DoctorDocument {
  return {
    ...(host === undefined ? {} : { host }),
    uri,
    checks: results.map(
      ({ check, status, code = null, text, repair = null, ignored, ignoreEnded = null }) => ({
        check,
        status,
        code,
        text,
        repair,
        ignored:
          ignored === undefined
            ? null
            : { status: ignored.status, until: ignored.until ?? null, reason: ignored.reason ?? null },
        ignore_ended: ignoreEnded,
      }),
    ),
  };
}
