import { posix } from 'node:path';
import type { LocalImage } from '../../config/machine.ts';
import { isImageName } from '../../config/values/names.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { explaining } from '../failure.ts';
import { whyNotBrought } from '../image/coming.ts';
import type { Hasher } from '../image-store/bytes.ts';
import { pathOfNamed } from '../image-store/named-image.ts';
import { bringImage } from '../upload/bring.ts';
import { fingerprintOf } from '../upload/fingerprint.ts';
import type { Fingerprint } from '../upload/fingerprint.ts';
import { judgeLocalMedium } from '../upload/judge.ts';
import { planUpload } from '../upload/plan.ts';
import type { FindMedium } from './media.ts';

/** A medium that is on the hypervisor: by its path, or by its name. @param word as it was given */
export function mediumThere(word: string): FindMedium {
  return async ({ context }) => (isImageName(word) ? pathOfNamed(word, context) : word);
}

/**
 * A medium that is a file of this machine: it is read once, and sent once to each hypervisor, unless it is
 * there.
 */
export function mediumHere(file: LocalImage, newHasher: () => Hasher): FindMedium {
  let print: Promise<Fingerprint> | undefined;
  const brought = new Map<object, Promise<string>>();
  const bring: FindMedium = async (inspection) => {
    const { context } = inspection;
    const judged = await judgeLocalMedium(file);
    if (!('format' in judged)) throw new PlowError('validation', judged.text);
    print ??= fingerprintOf(file, newHasher, context);
    const wanted = { file, format: judged.format, print: await print };
    const { path, there } = await planUpload(wanted, context);
    if (there === 'all') return path;
    const looking = whyNotBrought(path, inspection);
    const problem = await explaining(looking, 'storage', `cannot look at ${posix.dirname(path)}`);
    if (problem !== undefined) throw new PlowError('validation', problem);
    return bringImage(wanted, newHasher, context);
  };
  return (inspection) => {
    const { hypervisor } = inspection.context;
    const known = brought.get(hypervisor) ?? bring(inspection);
    brought.set(hypervisor, known);
    return known;
  };
}
