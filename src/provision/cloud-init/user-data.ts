import { loginUserOf } from '../../config/machine.ts';
import type { Provisioning, User, WrittenFile } from '../../config/machine.ts';
import { hostKeySection } from '../host-keys/in-user-data.ts';
import type { HostKeys } from '../host-keys/open-ssh.ts';
import { AUTOLOGIN_AT_ONCE, AUTOLOGIN_FILE } from './autologin.ts';
import { toYaml } from './to-yaml.ts';

const HEADER = '#cloud-config\n';

/**
 * The user-data document, the user's own with what plow adds to it, or a #cloud-config of plow's alone.
 * https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 *
 * Nothing of the user's own document changes by a byte: the keys that plow adds stand after it, and the rules
 * of the configuration see to it that it has none of them.
 * @param hostKeys of the guest's sshd; undefined: it makes its own
 */
export function userData(config: Provisioning, hostKeys?: HostKeys): string {
  const own = config.userData;
  if (own === undefined) return `${HEADER}${toYaml(content(config, hostKeys))}`;
  const added = addedTo(config, hostKeys);
  return Object.keys(added).length === 0 ? own : `${own.replace(/\n*$/u, '\n')}${toYaml(added)}`;
}

function content(config: Provisioning, hostKeys: HostKeys | undefined): object {
  return { hostname: config.hostname, ...addedTo(config, hostKeys, true) };
}

/**
 * What the configuration says for sure. @param rootAlways also where nothing is said of users: then
 * cloud-init would make the image's own default user
 */
function addedTo(config: Provisioning, hostKeys: HostKeys | undefined, rootAlways = false): object {
  const { fqdn, hostname, rootPasswordHash: hash, sshPasswordAuth, timezone } = config;
  const root = rootAlways || hash !== undefined || config.sshKeys.length + config.users.length > 0;
  return {
    ...(fqdn === undefined ? {} : { hostname, fqdn, manage_etc_hosts: 'localhost' }),
    // Without this, cloud-init's default answers root's key with "please login as another user".
    ...(root ? { disable_root: false, users: [rootUser(config), ...otherUsers(config)] } : {}),
    // `chpasswd.list` is deprecated since cloud-init 22.2 and makes newer guests report `degraded`.
    ...(hash === undefined
      ? {}
      : { chpasswd: { users: [{ name: 'root', password: hash, type: 'hash' }], expire: false } }),
    ...(sshPasswordAuth === undefined ? {} : { ssh_pwauth: sshPasswordAuth }),
    ...(timezone === undefined ? {} : { timezone }),
    ...present('packages', config.packages),
    ...present('write_files', [
      ...(config.consoleAutologin ? [AUTOLOGIN_FILE] : []),
      ...config.writeFiles.map(writtenFile),
    ]),
    ...present('runcmd', [...(config.consoleAutologin ? AUTOLOGIN_AT_ONCE : []), ...config.runCommands]),
    ...(hostKeys === undefined ? {} : hostKeySection(hostKeys)),
  };
}

function present(key: string, list: readonly unknown[]): object {
  return list.length === 0 ? {} : { [key]: list };
}

function rootUser(config: Provisioning): object {
  return {
    name: 'root',
    lock_passwd: config.rootPasswordHash === undefined,
    ...present('ssh_authorized_keys', loginUserOf(config) === 'root' ? config.sshKeys : []),
  };
}

/** A login user that the file has not among its users is one that has keys, and nothing else. */
function otherUsers(config: Provisioning): readonly object[] {
  const { users, sshKeys } = config;
  const login = loginUserOf(config);
  if (login === 'root' || sshKeys.length === 0) return users.map(user);
  const bare = { name: login, groups: [], sudo: undefined, shell: undefined, sshKeys: [] };
  const all = users.some(({ name }) => name === login) ? users : [...users, bare];
  return all.map((one) => user(one.name === login ? { ...one, sshKeys: [...sshKeys, ...one.sshKeys] } : one));
}

function user({ name, groups, sudo, shell, sshKeys }: User): object {
  return {
    name,
    ...present('groups', groups),
    ...(sudo === undefined ? {} : { sudo }),
    ...(shell === undefined ? {} : { shell }),
    lock_passwd: true,
    ...present('ssh_authorized_keys', sshKeys),
  };
}

function writtenFile({ path, content: text, owner, permissions }: WrittenFile): object {
  return { path, content: text, owner, permissions, ...(isLate(owner) ? { defer: true } : {}) };
}

/** Users are made after files are written, so what belongs to one has to wait. */
export function isLate(owner: string): boolean {
  return owner.split(':').some((name) => name !== 'root');
}
