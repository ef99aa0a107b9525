import type { SshTarget } from '../../vm/ssh/target.ts';

/**
 * By what ssh calls the VM when it looks up its key: a VM that is made anew has another UUID, so that the key
 * of the one before, at the same address, is never held against it.
 */
export function hostKeyAlias({ uuid }: Pick<SshTarget, 'uuid'>): string {
  return `plow-${uuid}`;
}

/** Lines of a known_hosts file. sshd(8), SSH_KNOWN_HOSTS FILE FORMAT */
export function knownHosts(target: Pick<SshTarget, 'uuid' | 'hostKeys'>): readonly string[] {
  return target.hostKeys.map((key) => `${hostKeyAlias(target)} ${key}`);
}
