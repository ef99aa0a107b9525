import type { DoctorCode } from '../../../config/values/doctor-codes.ts';
import type { CheckResult } from '../finding.ts';

/** A complaint that somebody knows of. */
export interface Ignore {
  readonly code: DoctorCode;
  /** The last day on which it is ignored, in UTC: `2027-01-31`; undefined: of this command alone. */
  readonly until: string | undefined;
  readonly reason: string | undefined;
}

/**
 * Complaints that are ignored count for nothing and say so; where the last day has passed they count, and say
 * that too. Of several ignores of a code the one that lasts longest counts.
 */
export function withIgnores(
  results: readonly CheckResult[],
  ignores: readonly Ignore[],
  now: Date,
): readonly CheckResult[] {
  const today = now.toISOString().slice(0, 10);
  return results.map((result) => {
    const longest = ignores
      .filter(({ code }) => code === result.code)
      .toSorted((one, other) => (endOf(one) < endOf(other) ? 1 : -1))[0];
    if (longest === undefined || (result.status !== 'warning' && result.status !== 'failure')) return result;
    const { until, reason } = longest;
    if (until !== undefined && until < today) return { ...result, ignoreEnded: until };
    return { ...result, status: 'ignored', ignored: { status: result.status, until, reason } };
  });
}

/** Later than any day. */
const NEVER = '~';

function endOf({ until = NEVER }: Ignore): string {
  return until;
}
