import { isAbsolute, join } from 'node:path';
import { whyForeign } from '../../config/files/foreign-file.ts';
import { foreignStep } from '../../config/files/foreign-way.ts';
import { tryToRead } from '../../config/files/read-text.ts';
import { NO_CONF, readLibvirtConf } from '../../config/settings/libvirt-conf.ts';
import type { LibvirtConf } from '../../config/settings/libvirt-conf.ts';
import type { Environment } from '../environment.ts';

/**
 * What virsh would go by too: root has the file of the system, everybody else a file of their own. One that
 * cannot be read counts as none, as with libvirt, and one that others may have written too: a URI can name
 * programs, and HOME may be somebody else's. https://libvirt.org/uri.html#configuring-uri-aliases
 */
export async function libvirtConf({
  variables: { XDG_CONFIG_HOME: own = '', HOME: home = '' },
  userId,
}: Pick<Environment, 'variables' | 'userId'>): Promise<LibvirtConf> {
  const ofUser = isAbsolute(own) ? own : isAbsolute(home) ? join(home, '.config') : undefined;
  const directory = userId === 0 ? '/etc' : ofUser;
  if (directory === undefined) return NO_CONF;
  const file = join(directory, 'libvirt', 'libvirt.conf');
  const reading = await tryToRead(file);
  if (!('text' in reading) || whyForeign(reading.access, userId) !== undefined) return NO_CONF;
  return foreignStep(file, userId) === undefined ? readLibvirtConf(reading.text) : NO_CONF;
}
