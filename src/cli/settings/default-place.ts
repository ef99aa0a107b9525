import { isAbsolute, join } from 'node:path';
import type { Environment } from '../environment.ts';

/** Where libvirt keeps the images of the system. */
export const SYSTEM_IMAGES = '/var/lib/libvirt/images';

const SESSION = /^qemu(?:\+(?<transport>[a-z0-9]+))?:\/\/(?<host>[^/?#]*)\/session(?<rest>[?#].*)?$/u;

/** A default, and what it is taken from. */
export interface DefaultPlace {
  readonly value: string | undefined;
  readonly from: string;
}

/**
 * Where VMs are made if nobody says: where libvirt's own default pool is. A session's is in the home of its
 * user, as https://specifications.freedesktop.org/basedir has it; that of another machine is not known here.
 */
export function defaultPlace(uri: string, variables: Environment['variables']): DefaultPlace {
  const session = SESSION.exec(uri)?.groups;
  if (session === undefined) return { value: SYSTEM_IMAGES, from: 'default' };
  const { transport = 'unix', host, rest = '' } = session;
  if (transport !== 'unix' || host !== '' || /[?&]socket=/u.test(rest))
    return { value: undefined, from: 'default' };
  const { XDG_DATA_HOME: data = '', HOME: home = '' } = variables;
  const inside = 'libvirt/images';
  if (isAbsolute(data)) return { value: join(data, inside), from: 'default, below XDG_DATA_HOME' };
  return isAbsolute(home)
    ? { value: join(home, '.local/share', inside), from: 'default, below HOME' }
    : { value: undefined, from: 'default' };
}
