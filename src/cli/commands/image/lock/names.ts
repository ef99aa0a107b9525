import type { Arch } from '../../../../config/machine.ts';
import { imageWordMistake } from '../../../../config/values/names.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import type { OpenLock } from './lock-file.ts';

/** The names that a lock has for an architecture. @throws PlowError (config) where it has none */
export function namesFor(arch: Arch, { file, lock }: OpenLock): readonly string[] {
  const names = [...(lock?.images ?? [])].flatMap(([name, builds]) =>
    builds[arch] === undefined ? [] : [name],
  );
  if (names.length > 0) return names;
  throw new PlowError('config', `${file} has no image for ${arch}, which the hypervisor is`, {
    hint: 'plow image update NAME adds one; plow image catalog lists the names',
  });
}

/** Of a word of `plow image update`. @throws PlowError (config) */
export function assertName(word: string): void {
  const mistake = imageWordMistake(word);
  if (mistake !== undefined) throw new PlowError('config', `image update: the name of an image ${mistake}`);
}
