import type { WayIn } from '../../hypervisor/screen.ts';
import { isLocalUri } from '../uri.ts';
import { sshTarget, tunnelCall } from './target.ts';

/** How programs of this machine come to the hypervisor of a URI: as libvirt does. */
export function wayIn(uri: string): WayIn {
  const target = sshTarget(uri);
  if (target !== undefined) return { by: 'ssh', ...tunnelCall(uri, target), host: target.host };
  return { by: isLocalUri(uri) ? 'socket' : 'network' };
}
