/** What a guest can be told in, as the images that read it call it. */
export type ProvisioningFormat = 'cloud-init' | 'ignition';
export type SeedBus = 'scsi' | 'virtio' | 'sata';

/**
 * What sets up a guest at its first boot, whatever it is told in. All but `bus`, `fqdn` and `hostname` may
 * hold secrets: they go into the seed or the config, and nowhere else.
 */
export interface Provisioning {
  /** The key of the VM file that says it. */
  readonly section: 'cloud_init' | 'provisioning';
  readonly format: ProvisioningFormat;
  /** Lower case; undefined: the guest knows its host name only. */
  readonly fqdn: string | undefined;
  /** First label of the fqdn, else the VM's name. */
  readonly hostname: string;
  /** Of the login user. */
  readonly sshKeys: readonly string[];
  /** Who has those keys; undefined: whom the format has by default. */
  readonly loginUser: string | undefined;
  /** crypt(3) hash. */
  readonly rootPasswordHash: string | undefined;
  /** Undefined: a document of the user's own may say it. */
  readonly sshPasswordAuth: boolean | undefined;
  /** Besides root. */
  readonly users: readonly User[];
  readonly packages: readonly string[];
  readonly writeFiles: readonly WrittenFile[];
  /** A text for the shell, or words that need none. */
  readonly runCommands: readonly (string | readonly string[])[];
  readonly timezone: string | undefined;
  /** Whether the serial console logs in by itself, and as root. */
  readonly consoleAutologin: boolean;
  /** Whether plow gives the guest's sshd its keys, so that plow ssh knows them. */
  readonly sshHostKeys: boolean;
  /** Of cloud-init: text of a user-data document of the user's own. */
  readonly userData: string | undefined;
  /** Of cloud-init: bus of the seed ISO. */
  readonly bus: SeedBus;
  /** What only Ignition has. */
  readonly ignition: IgnitionWords;
}

/** Who brings up the network in the guest, by files that Ignition writes. */
export const NETWORK_MANAGERS = ['networkmanager', 'networkd'] as const;

export interface IgnitionWords {
  /** Undefined: NetworkManager, unless a config of the user's own stands alone. */
  readonly network: (typeof NETWORK_MANAGERS)[number] | undefined;
  /** Text of a config of the user's own, which has the last word. */
  readonly config: string | undefined;
  /** By which the guest finds its config. */
  readonly fwCfgName: string;
}

/** Whom the keys are for unless it is said. */
const LOGIN_USERS: Readonly<Record<ProvisioningFormat, string>> = { 'cloud-init': 'root', ignition: 'core' };

/** Who has the keys that no user of the file has. */
export function loginUserOf({ loginUser, format }: Pick<Provisioning, 'loginUser' | 'format'>): string {
  return loginUser ?? LOGIN_USERS[format];
}

/** Nothing is said but a config of Ignition of the user's own, which goes alone then. */
export function standsAlone(guest: Provisioning): boolean {
  const { fqdn, sshKeys, rootPasswordHash, sshPasswordAuth, users, writeFiles, runCommands } = guest;
  const { timezone, consoleAutologin, sshHostKeys, ignition } = guest;
  const said = [fqdn, rootPasswordHash, sshPasswordAuth, timezone, ignition.network];
  const lists = [sshKeys, users, writeFiles, runCommands];
  return (
    ignition.config !== undefined &&
    said.every((one) => one === undefined) &&
    lists.every((one) => one.length === 0) &&
    !consoleAutologin &&
    !sshHostKeys
  );
}

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** A rule of sudoers; undefined: none. */
  readonly sudo: string | undefined;
  readonly shell: string | undefined;
  readonly sshKeys: readonly string[];
}

export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** `user:group` or `user`. */
  readonly owner: string;
  /** Octal. */
  readonly permissions: string;
}
