import type { LockedBuilds, WrongLock } from '../../images-lock/check.ts';
import { ARCHES } from '../../machine.ts';
import type { Arch } from '../../machine.ts';
import { whereIs } from '../../diagnostics/diagnostic.ts';
import { isImageName } from '../../values/names.ts';
import { showFile } from '../../yaml/mistake.ts';
import type { CheckedText } from '../check.ts';
import { IMAGE_KEYS, writtenImage } from './image-keys.ts';
import type { ImageKey } from './image-keys.ts';
import { refused } from './local-image.ts';
import type { VmFileReader } from '../reader.ts';

/**
 * With what a lock says of the images to which the file gives a name: a name that the lock does not have is
 * warned of, a version that is not the lock's is a mistake.
 */
export async function withImageLocks(checked: CheckedText, reader: VmFileReader): Promise<CheckedText> {
  let found = checked;
  for (const key of IMAGE_KEYS) found = await withImageLock(found, key, reader);
  return found;
}

async function withImageLock(
  checked: CheckedText,
  key: ImageKey,
  reader: VmFileReader,
): Promise<CheckedText> {
  const word = namedImage(checked, key);
  if (word === undefined) return checked;
  const lock = await reader.locks.of(checked.file);
  if (lock === undefined) return checked;
  const [name = word, version] = word.split('@');
  if (!('images' in lock)) {
    const [first] = lock.diagnostics;
    const where = first === undefined ? showFile(lock.file) : whereIs(first);
    const text = `which build ${name} means is not known: the lock has mistakes, the first at ${where}`;
    return { ...refused(checked, key.path, text), refusal: 'config', wrongLock: lock };
  }
  const builds = lock.images.get(name);
  if (builds === undefined)
    return version === undefined ? withWarning(checked, key, name, lock.file) : checked;
  const { arch } = checked.machine ?? {};
  const problem = problemOf({ name, version, arch, builds, file: showFile(lock.file) });
  if (problem !== undefined) return refused(checked, key.path, problem);
  return { ...checked, [key.lock]: { file: lock.file, name, version, builds } };
}

/** What is wrong with a lock is told with the first file that it is for. */
export function withLockMistakes(files: readonly CheckedText[]): readonly CheckedText[] {
  const told = new Set<WrongLock>();
  return files.map((checked) => {
    const { wrongLock, diagnostics, omitted } = checked;
    if (wrongLock === undefined || told.has(wrongLock)) return checked;
    told.add(wrongLock);
    return {
      ...checked,
      diagnostics: [...wrongLock.diagnostics, ...diagnostics],
      omitted: omitted + wrongLock.omitted,
    };
  });
}

/** A name as it may be of an image that was pulled; a digest needs no lock. */
function namedImage({ machine, value }: CheckedText, key: ImageKey): string | undefined {
  const image = (machine && key.of(machine)) ?? writtenImage(value, key);
  const isName = typeof image === 'string' && isImageName(image) && !image.includes(':');
  return isName ? image : undefined;
}

function withWarning(checked: CheckedText, { path }: ImageKey, name: string, file: string): CheckedText {
  if (checked.machine === undefined) return checked;
  const text = `${name} is not in ${showFile(file)}: the newest on the hypervisor is taken`;
  const warning = { ...checked.report(path, text), severity: 'warning' } as const;
  return { ...checked, diagnostics: [...checked.diagnostics, warning] };
}

interface Asked {
  readonly name: string;
  readonly version: string | undefined;
  readonly arch: Arch | undefined;
  readonly builds: LockedBuilds;
  readonly file: string;
}

/** What is wrong whatever the hypervisor is. */
function problemOf({ name, version, arch, builds, file }: Asked): string | undefined {
  const known = ARCHES.filter((one) => builds[one] !== undefined);
  if (arch !== undefined && builds[arch] === undefined)
    return `${file} has ${name} for ${known.join()} only, and the VM is ${arch}`;
  const meant = (arch === undefined ? known : [arch]).map((one) => builds[one]?.version);
  if (version === undefined || meant.includes(version)) return undefined;
  const versions = [...new Set(meant)].join(' and ');
  return `${name}@${version} is not the version of ${file}, which has ${versions}: write ${name}, or change the lock`;
}
