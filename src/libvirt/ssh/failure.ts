import { shellQuote } from '../../text/shell-quote.ts';
import { printable } from '../../text/printable.ts';
import type { SshAnswer } from '../../this-machine/ask-ssh.ts';
import { sshCommand } from './target.ts';
import type { SshTarget } from './target.ts';

/** What a failed connection over ssh means for the user. */
export interface SshFailure {
  readonly message: string;
  readonly hint: string;
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

/** virt-ssh-helper, or nc, may not open libvirt's socket. */
const DENIED_THERE =
  /cannot connect to '[^']*'.*: Permission denied|Failed to connect socket to '[^']*': Permission denied|(?:^|[\s:])nc: [^\n]*-sock[^\n]*: Permission denied/su;

/** Whether libvirt's own socket, and not ssh, refused the account. @param words as libvirt hands them on */
export function isDeniedThere(words: string): boolean {
  return DENIED_THERE.test(words);
}

/** Of an account that ssh lets in and libvirt does not. */
export function deniedThere(target: SshTarget): SshFailure {
  return {
    message: `${accountOf(target)} may not use libvirt on ${target.host}`,
    hint: `as root there: usermod -aG libvirt ${shellQuote(target.user ?? 'ACCOUNT')}, then log in again`,
  };
}

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
  [DENIED_THERE, (target) => deniedThere(target)],
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
      hint: 'install it there: apt install libvirt-daemon (Debian 13, Ubuntu 24.10: libvirt-daemon-common), dnf install libvirt-daemon-common (Fedora, RHEL), zypper install libvirt-daemon-common (openSUSE, SLES)',
    }),
  ],
  [
    /Permission denied \(/u,
    (target) => ({
      message: `${target.host} does not let ${accountOf(target)} in over ssh, with no key that ssh has offered`,
      hint: `${copyId(target)} puts a key there; another account: qemu+ssh://ACCOUNT@${target.host}/system`,
    }),
  ],
  [
    /(?:^|[\s:])ssh: (?:connect to host|Could not resolve hostname) /u,
    (target, { input }) => ({
      message: `cannot connect to ${target.host} over ssh: ${lastWords(input)}`,
      hint: asksSsh(target),
    }),
  ],
];

/** What ssh, or what is behind it, has said; undefined for words that nobody knows. */
export function knownSshFailure(target: SshTarget, words: string): SshFailure | undefined {
  for (const [pattern, explain] of RULES) {
    const match = pattern.exec(words);
    if (match !== null) return explain(target, match);
  }
  return undefined;
}

/**
 * Of an open that failed, or was given up, after ssh itself was asked.
 * @param words of libvirt's error; undefined for one that was given up
 */
export function explainSsh(target: SshTarget, words: string | undefined, asked: SshAnswer): SshFailure {
  const { host } = target;
  const hint = asksSsh(target);
  if (asked.kind === 'refused') {
    const message = `cannot connect to ${host} over ssh: ${lastWords(asked.words)}`;
    return knownSshFailure(target, asked.words) ?? { message, hint };
  }
  if (words !== undefined) {
    const what =
      asked.kind === 'through' ? `libvirt on ${host}, though ssh comes through` : `${host} over ssh`;
    return { message: `cannot connect to ${what}: ${lastWords(words)}`, hint };
  }
  if (asked.kind === 'through') {
    return {
      message: `libvirt on ${host} gives no answer, though ssh comes through`,
      hint: `restart its daemon there, as root: systemctl restart libvirtd (or virtqemud)`,
    };
  }
  return { message: `${host} gives no answer over ssh`, hint: `is it up, and the network? ${hint}` };
}

function asksSsh(target: SshTarget): string {
  return `${sshCommand(target, 'true')} tells whether ssh comes through`;
}

/** As ssh-keygen has a host with a port of its own. */
function knownAs({ host, port }: SshTarget): string {
  return port === undefined ? host : `[${host}]:${port}`;
}

/** Whom ssh logs in as there, in words. */
export function accountOf({ user }: SshTarget): string {
  return user === undefined ? 'your account' : `'${printable(user)}'`;
}

function copyId(target: SshTarget): string {
  return sshCommand(target).replace(/^ssh /u, 'ssh-copy-id ');
}
