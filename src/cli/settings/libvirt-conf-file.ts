import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { NO_CONF, readLibvirtConf } from '../../config/settings/libvirt-conf.ts';
import type { LibvirtConf } from '../../config/settings/libvirt-conf.ts';
import type { Environment } from '../environment.ts';

/**
 * What virsh would go by too: root has the file of the system, everybody else a file of their own. One that
 * cannot be read counts as none, as with libvirt. https://libvirt.org/uri.html#configuring-uri-aliases
 */
export function libvirtConf({
  variables: { XDG_CONFIG_HOME: own = '', HOME: home = '' },
  userId,
}: Pick<Environment, 'variables' | 'userId'>): LibvirtConf {
  const directory =
    userId === 0 ? '/etc' : isAbsolute(own) ? own : isAbsolute(home) ? join(home, '.config') : undefined;
  if (directory === undefined) return NO_CONF;
  try {
    // A read that does not wait would start node's threads, whose number is not settled yet.
    return readLibvirtConf(readFileSync(join(directory, 'libvirt', 'libvirt.conf'), 'utf8'));
  } catch {
    return NO_CONF;
  }
}
