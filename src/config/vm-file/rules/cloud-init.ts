import { keyFileMistake, keyLines, oncePerText } from '../../values/key-file.ts';
import type { ConfigPath } from '../../machine.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { quote } from '../../../text/quote.ts';
import { isMap, listAt, valueAt } from '../../yaml/raw-value.ts';
import type { FileTexts } from '../referenced-files.ts';
import { sshKeyDoubt, sshKeyMistake } from '../../values/ssh-key.ts';
import { canHaveHostKeys, ownHostKeys, userDataMistakes } from './user-data.ts';

/** Rules of the section `cloud_init` that span values or look into the files it names. */
export function cloudInitMistakes(file: unknown, texts: FileTexts): Mistake[] {
  const section = valueAt(file, 'cloud_init');
  return [...keyFileMistakes(section, texts), ...ownDocumentMistakes(section, texts)];
}

/** Keys that guests may refuse, wherever they stand. */
export function keyDoubts(file: unknown, texts: FileTexts): Mistake[] {
  return keysOf(valueAt(file, 'cloud_init')).flatMap(({ path, key }) => {
    const text = isMap(key) ? textOf(valueAt(key, 'file'), texts) : undefined;
    const found = typeof key === 'string' ? doubtsAbout([key.trim()]) : fileDoubts(text);
    return found.map((doubt) => ({ path, text: doubt }));
  });
}

/**
 * A document with host keys of its own has the last word, and to a script nothing can be added: plow ssh does
 * not know the guest then.
 */
export function hostKeyDoubts(file: unknown, texts: FileTexts): Mistake[] {
  const section = valueAt(file, 'cloud_init');
  const text = textOf(valueAt(section, 'user_data'), texts);
  const isSaid = valueAt(section, 'ssh_host_keys') !== undefined;
  if (typeof text !== 'string' || isSaid || canHaveHostKeys(text)) return [];
  const own = ownHostKeys(text);
  const why = own === undefined ? 'is a document to which plow can add no keys' : `sets ${own}`;
  const words = `${why}, so plow makes no host keys and plow ssh cannot check them; with ssh_host_keys: false this is not said`;
  return [{ path: ['cloud_init', 'user_data'], text: words }];
}

function fileDoubts(text: ReturnType<typeof textOf>): readonly string[] {
  return typeof text === 'string' ? doubtsAboutFile(text) : [];
}

const doubtsAboutFile = oncePerText((text) => doubtsAbout(keyLines(text).map(({ line }) => line)));

function doubtsAbout(keys: readonly string[]): readonly string[] {
  const found = keys.map((key) => (sshKeyMistake(key) === undefined ? sshKeyDoubt(key) : undefined));
  return [...new Set(found)].filter((doubt) => doubt !== undefined);
}

function keyFileMistakes(section: unknown, texts: FileTexts): Mistake[] {
  return keysOf(section).flatMap(({ path, key }) => {
    const file = isMap(key) ? valueAt(key, 'file') : undefined;
    const text = textOf(file, texts);
    if (typeof file !== 'string' || text === undefined) return [];
    const problem = typeof text === 'string' ? keyFileMistake(text) : text.problem;
    return problem === undefined ? [] : [{ path: [...path, 'file'], text: `${quote(file)} ${problem}` }];
  });
}

function ownDocumentMistakes(section: unknown, texts: FileTexts): Mistake[] {
  const file = valueAt(section, 'user_data');
  const text = textOf(file, texts);
  if (typeof file !== 'string' || text === undefined) return [];
  const problems =
    typeof text === 'string' ? userDataMistakes(file, text, section) : [`${quote(file)} ${text.problem}`];
  return problems.map((problem) => ({ path: ['cloud_init', 'user_data'], text: problem }));
}

function textOf(file: unknown, texts: FileTexts): ReturnType<FileTexts['get']> {
  return typeof file === 'string' ? texts.get(file) : undefined;
}

/** Every key of root and of the other users. */
function keysOf(section: unknown): readonly { readonly path: ConfigPath; readonly key: unknown }[] {
  const owners: readonly (readonly [unknown, ConfigPath])[] = [
    [section, ['cloud_init']],
    ...listAt(section, 'users').map((user, index) => [user, ['cloud_init', 'users', index]] as const),
  ];
  return owners.flatMap(([owner, path]) =>
    listAt(owner, 'ssh_keys').map((key, index) => ({ path: [...path, 'ssh_keys', index], key })),
  );
}
