/** Joliet, "Relaxation of ISO 9660 Restrictions": an identifier has at most 128 bytes. */
const JOLIET_NAME_UNITS = 64;
/** Joliet, "Allowed Character Set"; UCS-2 ends at U+FFFF and has no surrogates. */
const NOT_IN_JOLIET = /[*/:;?\\\p{Cc}\p{Cs}\u{10000}-\u{10ffff}]/u;
/** ECMA-119 7.5.1: name and extension together. */
const PRIMARY_NAME_CHARACTERS = 30;
const PRIMARY_EXTENSION_CHARACTERS = 8;
/** ECMA-119 8.4.7 has 32 bytes for it, 16 UCS-2 characters in the Joliet descriptor, and both carry it. */
const VOLUME_ID = /^[A-Za-z0-9_-]{1,16}$/;

/** @throws {RangeError} for a volume id that not both volume descriptors can hold. */
export function checkVolumeId(volumeId: string): void {
  if (!VOLUME_ID.test(volumeId)) {
    throw new RangeError(`volume id must be 1 to 16 letters, digits, _ or -: ${JSON.stringify(volumeId)}`);
  }
}

/**
 * @throws {RangeError} for names that the Joliet tree cannot show as they are, and for a name given twice.
 */
export function checkNames(names: readonly string[]): void {
  for (const name of names) {
    const complaint = complaintAbout(name);
    if (complaint !== undefined) throw new RangeError(`file name ${complaint}: ${JSON.stringify(name)}`);
  }
  if (new Set(names).size !== names.length) throw new RangeError('a file name is given twice');
}

function complaintAbout(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > JOLIET_NAME_UNITS) return `has more than ${JOLIET_NAME_UNITS} characters`;
  if (NOT_IN_JOLIET.test(name)) return 'has a character that Joliet forbids';
  // Linux and Windows drop final dots of a Joliet name; this also keeps out . and ..
  if (name.endsWith('.')) return 'ends in a dot';
  return undefined;
}

/**
 * The order of ECMA-119 9.3 and Joliet, "Sort Ordering": by name, then extension, the shorter filled up with
 * bytes below all others. The dot parts the two, so it counts as the lowest character.
 */
export function compareNames(left: string, right: string): number {
  const [a, b] = [left.replaceAll('.', '\0'), right.replaceAll('.', '\0')];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * A file identifier of ECMA-119 7.5.1 without its version for each name, in the same order, all different:
 * `user-data` becomes `USER_DATA.`. Capitals and digits stay, other characters become `_`, and a name that is
 * already taken ends in `_2`, `_3` and so on.
 */
export function primaryNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const primary = firstFree(name, taken);
    taken.add(primary);
    return primary;
  });
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0;
  const extension = hasExtension
    ? dCharacters(name.slice(dot + 1)).slice(0, PRIMARY_EXTENSION_CHARACTERS)
    : '';
  const stem = dCharacters(hasExtension ? name.slice(0, dot) : name);
  const room = PRIMARY_NAME_CHARACTERS - extension.length;
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `_${number}`;
    const candidate = `${stem.slice(0, room - suffix.length)}${suffix}.${extension}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** ECMA-119 7.4.1 and annex A. */
function dCharacters(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_]/g, '_').toUpperCase();
}
