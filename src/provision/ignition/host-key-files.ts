import { KEY_COMMENT } from '../host-keys/open-ssh.ts';
import type { HostKeys } from '../host-keys/open-ssh.ts';
import type { NodeFile } from './files.ts';

const ONLY_ROOT = 0o600;
const READABLE = 0o644;

/** The keys of the guest's sshd, where it looks for them: it makes none of a kind that is there. */
export function hostKeyFiles(keys: HostKeys): readonly NodeFile[] {
  return (['ed25519', 'ecdsa'] as const).flatMap((kind) => {
    const path = `/etc/ssh/ssh_host_${kind}_key`;
    const { privateKey, publicKey } = keys[kind];
    return [
      { path, mode: ONLY_ROOT, text: privateKey },
      { path: `${path}.pub`, mode: READABLE, text: `${publicKey} ${KEY_COMMENT}\n` },
    ];
  });
}
