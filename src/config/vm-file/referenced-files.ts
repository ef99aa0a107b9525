import { isMap, listAt, valueAt } from '../yaml/raw-value.ts';
import type { Use, VmFileReader } from './reader.ts';
import { guestSections } from './sections.ts';

/**
 * Texts of the files that a configuration names, by the path as it is written there; or why one cannot be
 * read.
 */
export type FileTexts = ReadonlyMap<string, string | { readonly problem: string }>;

/**
 * The files that the value of a configuration names, right or wrong. A document that is named as keys too
 * stays one.
 */
function referencedFiles(file: unknown): ReadonlyMap<string, Use> {
  const sections = guestSections(file);
  const owners = sections.flatMap(({ value }) => [value, ...listAt(value, 'users')]);
  const keys = owners.flatMap((owner) => listAt(owner, 'ssh_keys'));
  const uses: (readonly [unknown, Use])[] = [
    ...keys.filter(isMap).map((key) => [valueAt(key, 'file'), 'keys'] as const),
    ...sections.flatMap(({ userData, config }) =>
      [userData, config].map(({ value }) => [value, 'document'] as const),
    ),
    [valueAt(valueAt(file, 'vnc'), 'password_file'), 'secret'],
  ];
  return new Map(uses.flatMap(([path, use]) => (typeof path === 'string' ? [[path, use] as const] : [])));
}

/**
 * Reads the files that a configuration names, as far as it may name them.
 * @param file its own path @param value what it holds
 */
export async function readReferences(file: string, value: unknown, reader: VmFileReader): Promise<FileTexts> {
  const uses = referencedFiles(value);
  const texts = new Map<string, string | { readonly problem: string }>();
  if (uses.size === 0) return texts;
  const named = reader.namedBy(file);
  // One after the other: they have one budget.
  for (const [path, use] of uses) texts.set(path, await named.text(path, use));
  return texts;
}
