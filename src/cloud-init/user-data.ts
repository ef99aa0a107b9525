import type { CloudInit } from '../config/machine.ts';
import { toYaml } from './to-yaml.ts';

/**
 * The #cloud-config document. https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 *
 * The password stands under `chpasswd.users`: the older `chpasswd.list` is deprecated since cloud-init 22.2 and
 * makes newer guests report `degraded`.
 */
export function userData(config: CloudInit): string {
  const hash = config.rootPasswordHash;
  const document = {
    hostname: config.hostname,
    ...(config.fqdn === undefined ? {} : { fqdn: config.fqdn, manage_etc_hosts: 'localhost' }),
    // Without this, cloud-init's default answers root's key with "please login as another user".
    disable_root: false,
    users: [
      {
        name: 'root',
        lock_passwd: hash === undefined,
        ...(config.sshKeys.length === 0 ? {} : { ssh_authorized_keys: config.sshKeys }),
      },
    ],
    ...(hash === undefined
      ? {}
      : { chpasswd: { users: [{ name: 'root', password: hash, type: 'hash' }], expire: false } }),
    ssh_pwauth: config.sshPasswordAuth,
  };
  return `#cloud-config\n${toYaml(document)}`;
}
