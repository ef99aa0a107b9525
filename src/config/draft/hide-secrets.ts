import type { Draft, Remark } from './draft.ts';
import { findSecret } from '../../text/quote.ts';

const HINT = '--show-secrets writes it';

/**
 * What has a password, or the like, behind it, wherever in a line: a key of YAML or JSON, a variable, an
 * option.
 */
const NAMED = /(?:pass|pwd|secret|token|credential|private|api[_-]?key)[\w-]{0,60}["']?\s{0,60}[:=]/iu;
/** Keys that sound so and have none. */
const INNOCENT = /\b(?:lock[_-]passw(?:or)?d|ssh_pwauth)\b/giu;
const COMMAND = /chpasswd|htpasswd|--(?:password|token)\b/iu;
/** https://user:password@host */
const IN_URL = /:\/\/[^\s/@:]+:[^\s/@]+@/u;

/** Whether a text, be it a document, a file or a command, holds what looks like a secret. */
export function holdsSecrets(text: string): boolean {
  const suspect = text.replaceAll(INNOCENT, '');
  return findSecret(text) >= 0 || [NAMED, COMMAND, IN_URL].some((pattern) => pattern.test(suspect));
}

/**
 * The same draft, with words in place of the password hash, and of files and commands that hold what looks
 * like a secret.
 */
export function hideSecrets(draft: Draft): Draft {
  const { cloud_init: section } = draft.values;
  if (section === undefined) return draft;
  const remarks: Remark[] = [];
  if (section.root_password_hash !== undefined) {
    const text = `root_password_hash: there is one in the seed; ${HINT}`;
    remarks.push({ path: ['cloud_init', 'root_password_hash'], text });
  }
  const files = section.write_files?.filter(({ path = '', content = '' }) => {
    const isOpen = !holdsSecrets(content);
    const text = `write_files: ${path} looks as if it held a secret; ${HINT}`;
    if (!isOpen) remarks.push({ path: ['cloud_init', 'write_files'], text });
    return isOpen;
  });
  const commands = section.runcmd?.filter((command, index) => {
    const isOpen = !holdsSecrets([command].flat().join(' '));
    const text = `runcmd: command ${index + 1} looks as if it held a secret; ${HINT}`;
    if (!isOpen) remarks.push({ path: ['cloud_init', 'runcmd'], text });
    return isOpen;
  });
  const open = { ...section, root_password_hash: undefined, write_files: files, runcmd: commands };
  return {
    ...draft,
    values: { ...draft.values, cloud_init: open },
    remarks: [...draft.remarks, ...remarks],
  };
}
