import type { OptionRecord } from '../record/command.ts';

/** Of a command that gives a VM addresses. */
export interface ForceAddress {
  readonly forceAddress?: boolean;
}

/** @param what that may be in use */
export function forceAddressOption(what: string): OptionRecord {
  return { flags: '--force-address', about: `take ${what} that is in use, and say by whom` };
}
