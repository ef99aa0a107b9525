import { quote } from '../../text/quote.ts';

/** Where a guest of Ignition finds what plow puts there. */
export const COMMANDS_FILE = '/etc/plow/runcmd.sh';
export const TIMEZONE_LINK = '/etc/localtime';

/** What the guest's own tools take. Each tells why a text is not that, or undefined if it is. */

/** useradd(8), CAVEATS: the form that every distribution takes. */
const LONGEST_LOGIN = 32;
const LOGIN = /^[a-z_][a-z0-9_-]*\$?$/u;

/**
 * PyYAML, which reads the document in the guest, refuses some of these and takes the others for ends of
 * lines.
 */
const UNREADABLE = /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFEFF\uFFFE\uFFFF]/u;

export function userMistake(text: string): string | undefined {
  if (text === 'root') return "root is not one of these: ssh_keys and root_password_hash above are root's";
  return loginMistake(text);
}

export function groupMistake(text: string): string | undefined {
  return loginMistake(text);
}

function loginMistake(text: string): string | undefined {
  if (text.length > LONGEST_LOGIN) return `must have at most ${LONGEST_LOGIN} characters, got ${text.length}`;
  return LOGIN.test(text)
    ? undefined
    : `must hold only a-z, 0-9, - and _, and not start with a digit, got ${quote(text)}`;
}

/** sudoers(5): a user specification without the user; cloud-init puts the name before it. */
export function sudoMistake(text: string): string | undefined {
  if (UNREADABLE.test(text) || text.includes('\n')) return `must be one line, got ${quote(text)}`;
  return /^\S+\s*=\s*\S/u.test(text)
    ? undefined
    : `must be a rule such as "ALL=(ALL) NOPASSWD:ALL", or true, got ${quote(text)}`;
}

export function guestPathMistake(text: string): string | undefined {
  if (!text.startsWith('/'))
    return `must be an absolute path in the guest, starting with /, got ${quote(text)}`;
  if (UNREADABLE.test(text) || /[\t\n]/u.test(text))
    return `must not hold control characters, got ${quote(text)}`;
  return text.endsWith('/') ? `must name a file, not a directory, got ${quote(text)}` : undefined;
}

/** No value is repeated: a file may hold a secret. */
export function contentMistake(text: string): string | undefined {
  return UNREADABLE.test(text)
    ? 'must be text without control characters (but tabs and ends of lines)'
    : undefined;
}

export function commandMistake(text: string): string | undefined {
  if (text.trim() === '') return 'must not be empty';
  return contentMistake(text);
}

export function ownerMistake(text: string): string | undefined {
  return text.split(':').length <= 2 && text.split(':').every((part) => LOGIN.test(part))
    ? undefined
    : `must be a user, or user:group, got ${quote(text)}`;
}

export function permissionsMistake(text: string): string | undefined {
  return /^0?[0-7]{3,4}$/u.test(text)
    ? undefined
    : `must be a mode in octal, such as "0644", got ${quote(text)}`;
}

/** Names differ between distributions: only what cannot be one, or would be an option, is refused. */
export function packageMistake(text: string): string | undefined {
  return /^[A-Za-z0-9@][A-Za-z0-9@+._:/=~*-]*$/u.test(text)
    ? undefined
    : `must be the name of a package, got ${quote(text)}`;
}

/** Whether the guest has it, only the guest knows. */
export function timezoneMistake(text: string): string | undefined {
  return /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/u.test(text)
    ? undefined
    : `must be a time zone such as Europe/Vienna or Etc/UTC, got ${quote(text)}`;
}
