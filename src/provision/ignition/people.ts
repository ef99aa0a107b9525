import { loginUserOf } from '../../config/machine.ts';
import type { Provisioning, User } from '../../config/machine.ts';
import type { NodeFile } from './files.ts';

const SUDOERS_MODE = 0o440;

interface Person {
  readonly name: string;
  readonly groups?: readonly string[];
  readonly shell?: string;
  readonly sshAuthorizedKeys?: readonly string[];
  readonly passwordHash?: string;
}

/** Root, who logs in, and the others; to whom the image has is added. Ignition takes nothing twice. */
export function people(guest: Provisioning): readonly Person[] {
  const { users, sshKeys, rootPasswordHash } = guest;
  const login = loginUserOf(guest);
  const keysOf = ({ name, sshKeys: own }: Pick<User, 'name' | 'sshKeys'>): readonly string[] => [
    ...new Set([...(name === login ? sshKeys : []), ...own]),
  ];
  const bare = ['root', login].filter((name) => !users.some((user) => user.name === name));
  const all = [...new Set(bare)].map((name) => ({
    name,
    groups: [],
    sudo: undefined,
    shell: undefined,
    sshKeys: [],
  }));
  return [...all, ...users].flatMap((user): readonly Person[] => {
    const { name, groups, shell } = user;
    const keys = keysOf(user);
    const hash = name === 'root' ? rootPasswordHash : undefined;
    if (bare.includes(name) && keys.length === 0 && hash === undefined) return [];
    return [
      {
        name,
        ...(groups.length === 0 ? {} : { groups: [...new Set(groups)] }),
        ...(shell === undefined ? {} : { shell }),
        ...(hash === undefined ? {} : { passwordHash: hash }),
        ...(keys.length === 0 ? {} : { sshAuthorizedKeys: keys }),
      },
    ];
  });
}

/** Who may do what as root. */
export function sudoersFiles({ users }: Provisioning): readonly NodeFile[] {
  return users.flatMap(({ name, sudo }) =>
    sudo === undefined ? [] : [{ path: sudoersPath(name), mode: SUDOERS_MODE, text: `${name} ${sudo}\n` }],
  );
}

export function sudoersPath(name: string): string {
  return `/etc/sudoers.d/plow-${name}`;
}
