import type { Environment } from '../../environment.ts';
import type { Asker } from './ask.ts';
import { givenKeys, NO_KEY } from './keys.ts';
import type { Choice, OwnKey } from './questions.ts';

const ALL = '\u0000all';
const OTHER = '\u0000other';
const NONE = '\u0000none';
/** Of a key, so that two of the same owner differ. */
const LAST_CHARACTERS = 8;

/** Asks whose keys log in: those that the user has, or one that is typed, or none. @throws Interrupted */
export async function askKeys(
  asker: Asker,
  own: readonly OwnKey[],
  user: string,
  environment: Environment,
): Promise<readonly string[]> {
  const message = `Key that logs in as ${user}`;
  const chosen = await asker.choose(message, choicesOf(own), own[0]?.key);
  if (chosen === NONE) return [];
  if (chosen === ALL) return own.map(({ key }) => key);
  if (chosen !== OTHER) return [chosen];
  for (let mistake = ''; ;) {
    const words =
      mistake === '' ? 'Public key, or a file of some' : `${mistake}. Public key, or a file of some`;
    const given = await givenKeys(await asker.type(words, undefined, () => undefined), environment);
    if ('keys' in given) return given.keys;
    mistake = given.mistake;
  }
}

function choicesOf(own: readonly OwnKey[]): readonly Choice[] {
  return [
    ...own.map(({ key, from }) => ({ value: key, label: shortKey(key), hint: from })),
    ...(own.length > 1 ? [{ value: ALL, label: `all ${own.length} of them` }] : []),
    { value: OTHER, label: 'another', hint: 'type it, or its file' },
    { value: NONE, label: NO_KEY, hint: 'nobody logs in by ssh' },
  ];
}

/** `ssh-ed25519 ...w3yEEA you@workstation` */
function shortKey(key: string): string {
  const [type = '', blob = '', ...comment] = key.split(' ');
  return [type, `...${blob.slice(-LAST_CHARACTERS)}`, ...comment].join(' ');
}
