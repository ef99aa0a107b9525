import { KEY_COMMENT } from '../host-keys/open-ssh.ts';
import { isMap, valueAt } from '../../config/yaml/raw-value.ts';
import type { HostKey, HostKeys } from '../host-keys/open-ssh.ts';
import { contentsIn } from './contents.ts';
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

/** The keys that plow gave a guest in a config; undefined where it has none of plow's, or cannot be read. */
export function readHostKeyFiles(config: string): HostKeys | undefined {
  try {
    const files = valueAt(valueAt(JSON.parse(config), 'storage'), 'files');
    const [ed25519, ecdsa] = (['ed25519', 'ecdsa'] as const).map((kind) => keyIn(files, kind));
    return ed25519 === undefined || ecdsa === undefined ? undefined : { ed25519, ecdsa };
  } catch {
    // Whatever it is: nothing that plow wrote.
    return undefined;
  }
}

function keyIn(files: unknown, kind: string): HostKey | undefined {
  const path = `/etc/ssh/ssh_host_${kind}_key`;
  const [privateKey, publicLine] = [textOf(files, path), textOf(files, `${path}.pub`)?.trim()];
  const comment = ` ${KEY_COMMENT}`;
  if (privateKey === undefined || publicLine?.endsWith(comment) !== true) return undefined;
  return { privateKey, publicKey: publicLine.slice(0, -comment.length) };
}

function textOf(files: unknown, path: string): string | undefined {
  const all: readonly unknown[] = Array.isArray(files) ? files : [];
  const file = all.find((one) => isMap(one) && one['path'] === path);
  return contentsIn(file)[0];
}
