/** crypt(5): `$id$`, then at least a salt and a hash; parameters may follow the id or stand between. */
const CRYPT = /^\$[0-9a-z][0-9a-z,=-]*(?:\$[./0-9A-Za-z=,+-]+){2,}$/;

/** crypt(5): length of the last field, and for bcrypt of salt and hash together. */
const HASH_LENGTH: Readonly<Record<string, number>> = {
  '1': 22,
  '5': 43,
  '6': 86,
  y: 43,
  gy: 43,
  '2a': 53,
  '2b': 53,
  '2y': 53,
};

/** Why a text is not a crypt(3) hash, or undefined if it is. The text itself is never repeated. */
export function passwordHashMistake(text: string): string | undefined {
  if (CRYPT.test(text)) {
    return undefined;
  }
  const wanted = 'a crypt hash such as $6$salt$hash';
  return text.startsWith('$')
    ? `must be ${wanted}; what follows the first $ does not look like one`
    : `must be ${wanted}, never the password itself: make one with "openssl passwd -6" or "mkpasswd"`;
}

/** What looks wrong about a hash of the right form: one that was cut off locks root out without a word. */
export function passwordHashDoubt(hash: string): string | undefined {
  const [, id = ''] = hash.split('$');
  const wanted = HASH_LENGTH[id];
  const length = (hash.split('$').at(-1) ?? '').length;
  return wanted === undefined || length === wanted
    ? undefined
    : `the hash looks cut off or changed: a $${id}$ hash ends in ${wanted} characters, this one in ${length}`;
}
