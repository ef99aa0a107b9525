import { nameMistake } from '../../config/values/names.ts';
import type { SshTarget } from '../../vm/ssh/target.ts';
import { hostKeyAlias, knownHosts } from './known-hosts.ts';

/** Whether the name of a VM, which another tool may have given, can stand in a file of ssh's. */
export function canBeHost({ name }: Pick<SshTarget, 'name'>): boolean {
  return nameMistake(name) === undefined;
}

/** A part of ssh_config(5) for each VM, which works without plow. */
export function sshConfigLines(targets: readonly SshTarget[]): readonly string[] {
  return targets.flatMap((target, index) => [...(index === 0 ? [] : ['']), ...hostLines(target)]);
}

function hostLines(target: SshTarget): readonly string[] {
  const { name, address, user, hostKeys } = target;
  return [
    `Host ${name}`,
    `  HostName ${address}`,
    ...(user === undefined ? [] : [`  User ${user}`]),
    `  HostKeyAlias ${hostKeyAlias(target)}`,
    ...(hostKeys.length === 0
      ? []
      : [
          '  StrictHostKeyChecking yes',
          '  UserKnownHostsFile /dev/null',
          '  GlobalKnownHostsFile /dev/null',
          '  UpdateHostKeys no',
          `  KnownHostsCommand ${printing(knownHosts(target))}`,
        ]),
  ];
}

/** A command that prints these lines: every percent sign of ssh's own is doubled. */
function printing(lines: readonly string[]): string {
  return ['/usr/bin/printf', String.raw`"%%s\n"`, ...lines.map((line) => `"${line}"`)].join(' ');
}
