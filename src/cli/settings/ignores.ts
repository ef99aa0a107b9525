import type { SettingsFile } from '../../config/settings/load.ts';
import { isDoctorCode } from '../../config/values/doctor-codes.ts';
import type { Ignore } from '../../vm/doctor/ignore/ignore.ts';

export type { Ignore };

/** What doctor is to ignore by the settings file, which was checked. */
export function ignoresOf(file: SettingsFile | undefined): readonly Ignore[] {
  return (file?.values.doctor?.ignore ?? []).flatMap(({ code, until, reason }) =>
    isDoctorCode(code) ? [{ code, until, reason }] : [],
  );
}
