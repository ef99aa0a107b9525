import { keyFileMistake, keyLines, oncePerText } from '../../values/key-file.ts';
import type { ConfigPath } from '../../machine.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { quote } from '../../../text/quote.ts';
import { isMap, listAt, valueAt } from '../../yaml/raw-value.ts';
import type { FileTexts } from '../referenced-files.ts';
import { guestSections } from '../sections.ts';
import type { GuestSection } from '../sections.ts';
import { formatMistakes } from './formats.ts';
import { ownConfigMistake } from './own-config.ts';
import { sshKeyDoubt, sshKeyMistake } from '../../values/ssh-key.ts';
import { canHaveHostKeys, ownHostKeys, userDataMistakes } from './user-data.ts';

/** Rules of what is set up in the guest that span values or look into the files that it names. */
export function guestMistakes(file: unknown, texts: FileTexts): Mistake[] {
  return [
    ...bothMistakes(file),
    ...formatMistakes(valueAt(file, 'provisioning')),
    ...guestSections(file).flatMap((section) => [
      ...keyFileMistakes(section, texts),
      ...ownDocumentMistakes(section, texts),
      ...ownConfigMistakes(section, texts),
    ]),
  ];
}

/** Told at the second of them. */
function bothMistakes(file: unknown): Mistake[] {
  const [first, second] = Object.keys(isMap(file) ? file : {}).filter((key) =>
    ['cloud_init', 'provisioning'].includes(key),
  );
  if (first === undefined || second === undefined) return [];
  return [{ path: [second], text: `${first} says already what is set up in the guest; keep one of them` }];
}

/** Keys that guests may refuse, wherever they stand. */
export function keyDoubts(file: unknown, texts: FileTexts): Mistake[] {
  return guestSections(file)
    .flatMap(keysOf)
    .flatMap(({ path, key }) => {
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
  return guestSections(file).flatMap(({ value, userData }) => {
    const text = textOf(userData.value, texts);
    const isSaid = valueAt(value, 'ssh_host_keys') !== undefined;
    if (typeof text !== 'string' || isSaid || canHaveHostKeys(text)) return [];
    return [{ path: userData.at, text: hostKeyWords(text) }];
  });
}

function hostKeyWords(text: string): string {
  const own = ownHostKeys(text);
  const why = own === undefined ? 'is a document to which plow can add no keys' : `sets ${own}`;
  return `${why}, so plow makes no host keys and plow ssh cannot check them; with ssh_host_keys: false this is not said`;
}

function fileDoubts(text: ReturnType<typeof textOf>): readonly string[] {
  return typeof text === 'string' ? doubtsAboutFile(text) : [];
}

const doubtsAboutFile = oncePerText((text) => doubtsAbout(keyLines(text).map(({ line }) => line)));

function doubtsAbout(keys: readonly string[]): readonly string[] {
  const found = keys.map((key) => (sshKeyMistake(key) === undefined ? sshKeyDoubt(key) : undefined));
  return [...new Set(found)].filter((doubt) => doubt !== undefined);
}

function keyFileMistakes(section: GuestSection, texts: FileTexts): Mistake[] {
  return keysOf(section).flatMap(({ path, key }) => {
    const file = isMap(key) ? valueAt(key, 'file') : undefined;
    const text = textOf(file, texts);
    if (typeof file !== 'string' || text === undefined) return [];
    const problem = typeof text === 'string' ? keyFileMistake(text) : text.problem;
    return problem === undefined ? [] : [{ path: [...path, 'file'], text: `${quote(file)} ${problem}` }];
  });
}

function ownDocumentMistakes({ value, userData }: GuestSection, texts: FileTexts): Mistake[] {
  const file = userData.value;
  const text = textOf(file, texts);
  if (typeof file !== 'string' || text === undefined) return [];
  const problems =
    typeof text === 'string' ? userDataMistakes(file, text, value) : [`${quote(file)} ${text.problem}`];
  return problems.map((problem) => ({ path: userData.at, text: problem }));
}

function ownConfigMistakes({ config }: GuestSection, texts: FileTexts): Mistake[] {
  const { at: path, value: file } = config;
  const text = textOf(file, texts);
  if (typeof file !== 'string' || text === undefined) return [];
  const problem = typeof text === 'string' ? ownConfigMistake(text, file) : `${quote(file)} ${text.problem}`;
  return problem === undefined ? [] : [{ path, text: problem }];
}

function textOf(file: unknown, texts: FileTexts): ReturnType<FileTexts['get']> {
  return typeof file === 'string' ? texts.get(file) : undefined;
}

/** Every key of root and of the other users. */
function keysOf({
  value,
  at,
}: GuestSection): readonly { readonly path: ConfigPath; readonly key: unknown }[] {
  const owners: readonly (readonly [unknown, ConfigPath])[] = [
    [value, at],
    ...listAt(value, 'users').map((user, index) => [user, [...at, 'users', index]] as const),
  ];
  return owners.flatMap(([owner, path]) =>
    listAt(owner, 'ssh_keys').map((key, index) => ({ path: [...path, 'ssh_keys', index], key })),
  );
}
