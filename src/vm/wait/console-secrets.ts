import { maskSecrets } from '../../text/secrets.ts';

const MASK = '***';
/** What is shown or judged of a line is less, and a hash is shorter. */
const LONGEST = 1000;
/** cloud-init, where a password is `RANDOM`; a line for each person follows, others in between. */
const PASSWORDS = /Set the following .{0,20}passwords/iu;
/** `root:R4nd0mPw99`, and what the kernel or a unit of systemd puts before it. */
const PASSWORD =
  /^(?<name>(?:\[ {0,20}\d{1,9}\.\d{3,9}\] )?(?:cloud-init\[\d{1,9}\]: )?[a-z_][\w.-]{0,63}\$?:)\S+\s*$/iu;

/**
 * A line of a console without the passwords that cloud-init made, and without hashes, cut where it is long.
 * @param isTold whether they were announced before, in the same boot
 */
export function withoutPasswords(
  line: string,
  isTold: boolean,
): { readonly text: string; readonly isTold: boolean } {
  const cut = line.slice(0, LONGEST);
  if (PASSWORDS.test(cut)) return { text: cut, isTold: true };
  const text = isTold ? cut.replace(PASSWORD, `$<name>${MASK}`) : cut;
  return { text: text.includes('$') ? maskSecrets(text, MASK) : text, isTold };
}
