import { checkFiles } from '../../../config/vm-file/check-files.ts';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import type { VmFileReader } from '../../../config/vm-file/reader.ts';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import type { Places } from '../../settings/places.ts';
import type { Settings } from '../../settings/settings.ts';

export interface AskedHosts {
  /** One at least. */
  readonly all: readonly Settings[];
  /** Those that a file is asked of. */
  readonly hostsOf: (file: CheckedText) => readonly Settings[];
}

/**
 * The hosts that files are asked of: each of its own, and those without one of all that are meant. What is
 * wrong with a host that a file names is told with the file.
 */
export async function askedHosts(
  names: readonly string[],
  places: Places,
  reader: VmFileReader,
): Promise<AskedHosts> {
  const { usual, all, areSaid, knowsHosts, at } = places;
  const hostsOf = ({ host }: CheckedText): readonly Settings[] => {
    if (host === undefined) return all;
    const own = at(host);
    return typeof own === 'string' ? [] : [own];
  };
  if (areSaid || !knowsHosts) return { all, hostsOf };
  const files = await checkFiles(names, placed(usual, places), reader);
  const asked = new Set(files.flatMap(hostsOf));
  return { all: asked.size === 0 ? [usual] : [...asked], hostsOf };
}

/** Files are filled in as this host has it, and may name no host that is not there. */
export function placed<T extends Settings>(settings: T, { at }: Places): T & DefaultsByHost {
  return {
    ...settings,
    at: (host) => {
      const place = host === undefined ? settings : at(host);
      return typeof place === 'string' ? place : settings;
    },
  };
}
