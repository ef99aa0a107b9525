import type { SshTarget } from '../../../vm/ssh/target.ts';
import { hostKeyAlias } from '../../../views/ssh/known-hosts.ts';

/** How ssh is called. */
export interface SshCall {
  /** Undefined: whoever ssh logs in as by itself. */
  readonly user: string | undefined;
  /** A file of a private key. */
  readonly identity: string | undefined;
  /**
   * A file with the keys of the VM; `own`: the user's own file decides; `accept-new`: and takes what it does
   * not know.
   */
  readonly knownHosts: { readonly file: string } | 'own' | 'accept-new';
}

/** Arguments of ssh(1). @param command none: a shell */
export function sshArguments(
  target: SshTarget,
  call: SshCall & { readonly tty: boolean },
  command: readonly string[],
): readonly string[] {
  // ssh looks for options behind the address too, but not where there is a mark before it.
  return [...(call.tty ? ['-t'] : []), ...options(target, call), '--', target.address, ...command];
}

/** A file here, or one of the VM. */
export type Place = { readonly local: string } | { readonly remote: string };

/** Arguments of scp(1). */
export function scpArguments(
  target: SshTarget,
  call: SshCall & { readonly recursive: boolean; readonly quiet: boolean },
  places: readonly Place[],
): readonly string[] {
  const host = target.address.includes(':') ? `[${target.address}]` : target.address;
  const words = places.map((place) => ('local' in place ? place.local : `${host}:${place.remote}`));
  const flags = [...(call.recursive ? ['-r'] : []), ...(call.quiet ? ['-q'] : [])];
  return [...flags, ...options(target, call), '--', ...words];
}

function options(target: SshTarget, { user, identity, knownHosts }: SshCall): readonly string[] {
  return [
    ...(identity === undefined ? [] : ['-i', identity]),
    ...[
      ...(user === undefined ? [] : [`User=${user}`]),
      `HostKeyAlias=${hostKeyAlias(target)}`,
      // Keys under other names than this one are those of other machines.
      'CheckHostIP=no',
      'VerifyHostKeyDNS=no',
      // A connection that is open already may lead to the VM that had the address before.
      'ControlMaster=no',
      'ControlPath=none',
      ...trust(knownHosts),
    ].flatMap((option) => ['-o', option]),
  ];
}

function trust(knownHosts: SshCall['knownHosts']): readonly string[] {
  if (knownHosts === 'accept-new') return ['StrictHostKeyChecking=accept-new'];
  if (knownHosts === 'own') return ['StrictHostKeyChecking=yes'];
  return [
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts.file}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
  ];
}
