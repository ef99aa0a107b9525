import type { Settings } from '../../settings/settings.ts';

/** Whether a command was told of several hosts, be it that they are one only. */
export function areSeveral(all: readonly Settings[]): boolean {
  return all.length > 1 || all[0]?.isOfSeveral === true;
}
