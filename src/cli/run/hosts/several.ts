import { withoutPassword } from '../../../text/secrets.ts';
import type { Settings } from '../../settings/settings.ts';

/** Whether a command was told of several hosts, be it that they are one only. */
export function areSeveral(all: readonly Settings[]): boolean {
  return all.length > 1 || all[0]?.isOfSeveral === true;
}

/** How a host is called: by its name in the settings, else by its URI. */
export function hostName({ host, uri }: Settings): string {
  return host ?? withoutPassword(uri);
}
