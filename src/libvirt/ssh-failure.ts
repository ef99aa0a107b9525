import { shellQuote } from '../text/shell-quote.ts';
import { printable } from '../text/printable.ts';

/** What a failed connection over ssh means for the user. */
export interface SshFailure {
  readonly message: string;
  readonly hint: string;
}

/** Where a URI over ssh leads: `qemu+ssh://root@hv1:2222/system`. */
interface SshTarget {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
}

const TARGET =
  /^[a-z]+\+(?:lib)?ssh2?:\/\/(?:(?<user>[^@/?#:]*)(?::[^@/?#]*)?@)?(?<host>\[[^\]]*\]|[^:/?#]+)(?::(?<port>\d+))?[/?#]/u;

/** Undefined for a URI without ssh. */
export function sshTarget(uri: string): SshTarget | undefined {
  const { user, host, port } = TARGET.exec(uri)?.groups ?? {};
  if (host === undefined) return undefined;
  return { user: user === '' ? undefined : user, host: host.replace(/^\[(?<name>.*)\]$/u, '$<name>'), port };
}

/** A command to paste: `ssh -p 2222 root@hv1 true`. */
export function sshCommand({ user, host, port }: SshTarget, ...words: readonly string[]): string {
  const where = shellQuote(user === undefined ? host : `${user}@${host}`);
  return ['ssh', ...(port === undefined ? [] : ['-p', port]), where, ...words].join(' ');
}

/** Lines that libvirt puts ssh's own words between, or that only frame them. */
const BANNER = /^(?:@+|@ .* @|\s*)$/u;
const TAIL = /(?:: (?:Connection reset by peer|Input\/output error))+$/u;

/**
 * The last line that says something, of the words of ssh and of virt-ssh-helper that libvirt hands on: a
 * banner of fifteen lines has one.
 */
export function lastWords(message: string): string {
  const lines = message
    .replace(TAIL, '')
    .split(/[\r\n]+/u)
    .map((line) => line.trim())
    .filter((line) => !BANNER.test(line));
  const last =
    lines
      .at(-1)
      ?.replace(TAIL, '')
      .replace(/^.*Cannot recv data: /u, '') ?? '';
  return printable(last === '' ? message.trim() : last);
}

type Rule = readonly [RegExp, (target: SshTarget, match: RegExpExecArray) => SshFailure];

/** The first that fits the whole message counts. */
const RULES: readonly Rule[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/u,
    (target) => ({
      message: `the host key of ${target.host} is another one than ssh knows: it was set up anew, or it is another machine`,
      hint: `compare its fingerprint first; ssh-keygen -R ${shellQuote(knownAs(target))} forgets the old key`,
    }),
  ],
  [
    /Host key verification failed|key is not known|authenticity of host/u,
    (target) => ({
      message: `ssh does not know the host key of ${target.host}`,
      hint: `${sshCommand(target, 'true')} shows its fingerprint: compare it, and answer yes once`,
    }),
  ],
  [
    /cannot connect to '(?<socket>[^']*)'.*: Permission denied|Failed to connect socket to '(?<own>[^']*)': Permission denied/su,
    (target) => ({
      message: `${accountOf(target)} may not use libvirt on ${target.host}`,
      hint: `as root there: usermod -aG libvirt ${shellQuote(target.user ?? 'ACCOUNT')}, then log in again`,
    }),
  ],
  [
    /cannot connect to '[^']*?(?<socket>[a-z]+)-sock[^']*'.*: (?:No such file or directory|Connection refused)/su,
    (target, { groups = {} }) => {
      const daemon = groups['socket'] === 'libvirt' ? 'libvirtd' : (groups['socket'] ?? 'libvirtd');
      const unit = daemon === 'libvirtd' ? 'libvirtd (or virtqemud.socket)' : `${daemon}.socket`;
      return {
        message: `${daemon} is not running on ${target.host}`,
        hint: `start it there, as root: systemctl start ${unit}`,
      };
    },
  ],
  [
    /(?:nc|netcat|virt-ssh-helper)(?::|'?) (?:command )?not found/u,
    ({ host }) => ({
      message: `${host} has no virt-ssh-helper, by which libvirt is reached over ssh`,
      hint: 'install it there: apt install libvirt-daemon (Debian 13, Ubuntu 24.10: libvirt-daemon-common), dnf install libvirt-daemon-common (Fedora, RHEL)',
    }),
  ],
  [
    /Permission denied \(/u,
    (target) => ({
      message: `${target.host} does not let ${accountOf(target)} in over ssh, with no key that ssh has offered`,
      hint: `${copyId(target)} puts a key there; another account: qemu+ssh://ACCOUNT@${target.host}/system`,
    }),
  ],
];

/**
 * What ssh, or what is behind it, has said. @param message of libvirt's error, of a connection to `uri` that
 * was not opened @returns undefined for a URI without ssh
 */
export function sshFailure(uri: string, message: string): SshFailure | undefined {
  const target = sshTarget(uri);
  if (target === undefined) return undefined;
  for (const [pattern, words] of RULES) {
    const match = pattern.exec(message);
    if (match !== null) return words(target, match);
  }
  return {
    message: `cannot connect to ${target.host} over ssh: ${lastWords(message)}`,
    hint: `${sshCommand(target, 'true')} tells whether ssh comes through`,
  };
}

/** As ssh-keygen has a host with a port of its own. */
function knownAs({ host, port }: SshTarget): string {
  return port === undefined ? host : `[${host}]:${port}`;
}

function accountOf({ user }: SshTarget): string {
  return user === undefined ? 'your account' : `'${printable(user)}'`;
}

function copyId(target: SshTarget): string {
  return sshCommand(target).replace(/^ssh /u, 'ssh-copy-id ');
}
