import { posix } from 'node:path';
import type { LocalFacts } from '../../hypervisor/local.ts';

/** Where programs for devices of guests say what they are. A file of /etc takes the place of its namesake. */
const DESCRIPTIONS = ['/etc/qemu/vhost-user', '/usr/share/qemu/vhost-user'] as const;

/**
 * Whether libvirt will find what serves directories to guests, which its capabilities do not tell: only that
 * its QEMU knows the device. Undefined where only the machine itself would show it.
 * https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/vhost-user.json
 */
export async function isVirtiofsdThere(local: LocalFacts | undefined): Promise<boolean | undefined> {
  if (local === undefined) return undefined;
  for (const directory of DESCRIPTIONS) {
    for (const name of (await local.names(directory)) ?? []) {
      const text = name.endsWith('.json') ? await local.read(posix.join(directory, name)) : undefined;
      if (text !== undefined && /"type"\s*:\s*"fs"/u.test(text)) return true;
    }
  }
  return false;
}
