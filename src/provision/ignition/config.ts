import { standsAlone } from '../../config/machine.ts';
import type { Machine, Provisioning } from '../../config/machine.ts';
import { TIMEZONE_LINK } from '../../config/values/guest-names.ts';
import { AUTOLOGIN, AUTOLOGIN_DROP_IN, CONSOLE_UNIT } from '../autologin.ts';
import type { HostKeys } from '../host-keys/open-ssh.ts';
import { commandsFile, COMMANDS_UNIT, COMMANDS_UNIT_TEXT } from './commands.ts';
import { resourceOf } from './data-url.ts';
import type { NodeFile } from './files.ts';
import { hostKeyFiles } from './host-key-files.ts';
import { networkdFiles, networkManagerFiles } from './network-files.ts';
import { people, sudoersFiles } from './people.ts';

/** The oldest spec that has the words: the newer one, the fewer guests read it. */
const SPEC = '3.0.0';
/** The first in which what is merged may be packed. */
const SPEC_OF_PACKED_MERGE = '3.1.0';

const READABLE = 0o644;
const ONLY_ROOT = 0o600;
/** It sorts before those of distributions, and the first word counts. */
export const SSHD_FILE = '/etc/ssh/sshd_config.d/05-plow.conf';
export const HOSTNAME_FILE = '/etc/hostname';
export const ZONES = '../usr/share/zoneinfo/';

/**
 * The config that Ignition of the guest reads at its first boot. One of the user's own is merged into it, and
 * has the last word; where nothing else is said it is the config, byte for byte.
 * https://coreos.github.io/ignition/configuration-v3_0/
 * @param hostKeys of the guest's sshd; undefined: it makes its own
 */
export function ignitionConfig(machine: Machine, guest: Provisioning, hostKeys?: HostKeys): string {
  const { config } = guest.ignition;
  if (config !== undefined && standsAlone(guest)) return config;
  const merged = config === undefined ? undefined : resourceOf(config);
  const version = merged?.compression === undefined ? SPEC : SPEC_OF_PACKED_MERGE;
  const users = people(guest);
  const files = filesOf(machine, guest, hostKeys);
  const links = linksOf(guest);
  const units = unitsOf(guest);
  const content = {
    ignition: { version, ...(merged === undefined ? {} : { config: { merge: [merged] } }) },
    ...(users.length === 0 ? {} : { passwd: { users } }),
    storage: { files: files.map(file), ...(links.length === 0 ? {} : { links }) },
    ...(units.length === 0 ? {} : { systemd: { units } }),
  };
  return `${JSON.stringify(content, undefined, 1)}\n`;
}

/** A file of the VM file's own takes the place of one of plow's. */
function filesOf(machine: Machine, guest: Provisioning, hostKeys?: HostKeys): readonly NodeFile[] {
  const { fqdn, hostname, sshPasswordAuth, runCommands, ignition } = guest;
  const networkFiles = ignition.network === 'networkd' ? networkdFiles : networkManagerFiles;
  const ours: readonly NodeFile[] = [
    { path: HOSTNAME_FILE, mode: READABLE, text: `${fqdn ?? hostname}\n` },
    ...(hostKeys === undefined ? [] : hostKeyFiles(hostKeys)),
    ...(sshPasswordAuth === undefined
      ? []
      : [
          {
            path: SSHD_FILE,
            mode: ONLY_ROOT,
            text: `PasswordAuthentication ${sshPasswordAuth ? 'yes' : 'no'}\n`,
          },
        ]),
    ...sudoersFiles(guest),
    ...networkFiles(machine.interfaces),
    ...(runCommands.length === 0 ? [] : [commandsFile(runCommands)]),
  ];
  const own = guest.writeFiles.map(writtenFile);
  const taken = new Set(own.map(({ path }) => path));
  return [...ours.filter(({ path }) => !taken.has(path)), ...own];
}

function writtenFile({ path, content, owner, permissions }: Provisioning['writeFiles'][number]): NodeFile {
  const [user, group] = owner === 'root:root' ? [] : owner.split(':');
  return { path, mode: Number.parseInt(permissions, 8), text: content, user, group };
}

function file({ path, mode, text, user, group }: NodeFile): object {
  return {
    path,
    overwrite: true,
    mode,
    ...ownerOf('user', user),
    ...ownerOf('group', group),
    contents: resourceOf(text),
  };
}

function ownerOf(key: 'user' | 'group', name: string | undefined): object {
  return name === undefined ? {} : { [key]: { name } };
}

function linksOf({ timezone, writeFiles }: Provisioning): readonly object[] {
  if (timezone === undefined || writeFiles.some(({ path }) => path === TIMEZONE_LINK)) return [];
  return [{ path: TIMEZONE_LINK, overwrite: true, target: `${ZONES}${timezone}` }];
}

function unitsOf({ consoleAutologin, runCommands }: Provisioning): readonly object[] {
  return [
    ...(consoleAutologin
      ? [{ name: CONSOLE_UNIT, dropins: [{ name: AUTOLOGIN_DROP_IN, contents: AUTOLOGIN }] }]
      : []),
    ...(runCommands.length === 0
      ? []
      : [{ name: COMMANDS_UNIT, enabled: true, contents: COMMANDS_UNIT_TEXT }]),
  ];
}
