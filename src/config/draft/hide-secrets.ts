import type { Draft, Remark } from './draft.ts';
import { holdsSecrets } from '../../text/secrets.ts';

const HINT = '--show-secrets writes it';

/**
 * The same draft, with words in place of the password hash, and of files and commands that hold what looks
 * like a secret.
 */
export function hideSecrets(draft: Draft): Draft {
  const { cloud_init: cloudInit, provisioning } = draft.values;
  const remarks: Remark[] = [];
  const values = {
    ...draft.values,
    ...(cloudInit === undefined ? {} : { cloud_init: open(cloudInit, 'cloud_init', remarks) }),
    ...(provisioning === undefined ? {} : { provisioning: open(provisioning, 'provisioning', remarks) }),
  };
  return { ...draft, values, remarks: [...draft.remarks, ...remarks] };
}

type Section = Pick<
  NonNullable<Draft['values']['provisioning']>,
  'root_password_hash' | 'write_files' | 'runcmd'
>;

/** What of a section nobody need hide. @param remarks gets words for the rest */
function open<T extends Section>(section: T, key: string, remarks: Remark[]): T {
  if (section.root_password_hash !== undefined) {
    const text = `root_password_hash: there is one in the ${isSeed(section) ? 'seed' : 'config'}; ${HINT}`;
    remarks.push({ path: [key, 'root_password_hash'], text });
  }
  const files = section.write_files?.filter(({ path = '', content = '' }) => {
    const isOpen = !holdsSecrets(content);
    const text = `write_files: ${path} looks as if it held a secret; ${HINT}`;
    if (!isOpen) remarks.push({ path: [key, 'write_files'], text });
    return isOpen;
  });
  const commands = section.runcmd?.filter((command, index) => {
    const isOpen = !holdsSecrets([command].flat().join(' '));
    const text = `runcmd: command ${index + 1} looks as if it held a secret; ${HINT}`;
    if (!isOpen) remarks.push({ path: [key, 'runcmd'], text });
    return isOpen;
  });
  return { ...section, root_password_hash: undefined, write_files: files, runcmd: commands };
}

/** `cloud_init` names no format. */
function isSeed(section: object): boolean {
  return !('format' in section) || section.format === 'cloud-init';
}
