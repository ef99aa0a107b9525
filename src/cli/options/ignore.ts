import { InvalidArgumentError } from 'commander';
import {
  DOCTOR_CODE_NAMES,
  DOCTOR_CODES,
  doctorCodeMistake,
  isDoctorCode,
} from '../../config/values/doctor-codes.ts';
import type { Ignore } from '../../vm/doctor/ignore/ignore.ts';
import type { OptionRecord } from '../record/command.ts';

export interface IgnoreOptions {
  readonly ignore?: readonly Ignore[];
}

/** `--ignore kvm-missing,shutdown-hard` */
export const ignoreOption: OptionRecord = {
  flags: '--ignore <codes>',
  about: 'complaints that count for nothing this once, by their codes',
  completes: {
    kind: 'words',
    isList: true,
    words: () => DOCTOR_CODE_NAMES.map((word) => ({ word, about: DOCTOR_CODES[word] })),
  },
  parse: (text, before) => (Array.isArray(before) ? [...before, ...ignores(text)] : ignores(text)),
};

/** @throws InvalidArgumentError */
function ignores(text: string): readonly Ignore[] {
  return text.split(',').map((word) => {
    const code = word.trim();
    if (!isDoctorCode(code)) throw new InvalidArgumentError(doctorCodeMistake(code) ?? '');
    return { code, until: undefined, reason: undefined };
  });
}
