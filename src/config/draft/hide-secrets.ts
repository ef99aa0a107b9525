import type { Draft, Remark } from './draft.ts';
import { holdsSecrets } from '../../text/secrets.ts';

const HINT = '--show-secrets writes it';

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
