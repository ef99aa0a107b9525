import { IO_LIMITS, WATCHDOG_ACTIONS, WATCHDOG_MODELS } from '../../config/machine/extras.ts';
import type { Extras, FwCfgFile, IoLimits, Watchdog } from '../../config/machine/extras.ts';
import type { Share } from '../../config/machine/share.ts';
import { shareDirectoryMistake, shareTagMistake } from '../../config/values/devices/shares.ts';
import { fwCfgFileMistake, fwCfgNameMistake } from '../../config/values/extras.ts';
import { listAt, valueAt } from '../../config/yaml/raw-value.ts';

/** As the metadata of a VM has it: what it has not is left out. */
export interface StoredExtras {
  readonly fwCfg: readonly FwCfgFile[] | undefined;
  readonly tpm: true | undefined;
  readonly secureBoot: true | undefined;
  readonly watchdog: Watchdog | undefined;
  readonly ioThreads: number | undefined;
  readonly shares: readonly StoredShare[] | undefined;
}

interface StoredShare {
  readonly source: string;
  readonly tag: string;
  /** Left out where it is not so. */
  readonly readOnly: true | undefined;
}

export function storedExtras(extras: Extras): StoredExtras {
  const { fwCfg, hasTpm, hasSecureBoot, watchdog, ioThreads, shares } = extras;
  return {
    fwCfg: fwCfg.length === 0 ? undefined : fwCfg.map(({ name, file }) => ({ name, file })),
    tpm: hasTpm ? true : undefined,
    secureBoot: hasSecureBoot ? true : undefined,
    watchdog: watchdog && { model: watchdog.model, action: watchdog.action },
    ioThreads,
    shares: shares.length === 0 ? undefined : shares.map(storedShare),
  };
}

function storedShare({ source, tag, isReadOnly }: Share): StoredShare {
  return { source, tag, readOnly: isReadOnly ? true : undefined };
}

/** What storedExtras wrote, or anyone else: what is not there as it should be is left out. */
export function declaredExtras(stored: unknown): Extras {
  return {
    fwCfg: listAt(stored, 'fwCfg').flatMap(readFile),
    hasTpm: valueAt(stored, 'tpm') === true,
    hasSecureBoot: valueAt(stored, 'secureBoot') === true,
    watchdog: readWatchdog(valueAt(stored, 'watchdog')),
    ioThreads: countAt(stored, 'ioThreads'),
    shares: listAt(stored, 'shares').flatMap(readShare),
  };
}

function readFile(one: unknown): readonly FwCfgFile[] {
  const [name, file] = [valueAt(one, 'name'), valueAt(one, 'file')];
  if (typeof name !== 'string' || typeof file !== 'string') return [];
  return fwCfgNameMistake(name) === undefined && fwCfgFileMistake(file) === undefined ? [{ name, file }] : [];
}

function readShare(one: unknown): readonly Share[] {
  const [source, tag] = [valueAt(one, 'source'), valueAt(one, 'tag')];
  if (typeof source !== 'string' || typeof tag !== 'string') return [];
  if ((shareDirectoryMistake(source) ?? shareTagMistake(tag)) !== undefined) return [];
  return [{ source, tag, isReadOnly: valueAt(one, 'readOnly') === true }];
}

function readWatchdog(one: unknown): Watchdog | undefined {
  const model = WATCHDOG_MODELS.find((each) => each === valueAt(one, 'model'));
  const action = WATCHDOG_ACTIONS.find((each) => each === valueAt(one, 'action'));
  return model === undefined || action === undefined ? undefined : { model, action };
}

function countAt(map: unknown, key: string): number | undefined {
  const value = valueAt(map, key);
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** Of a disk, in what the list of fields allows and in that order; undefined where it has none. */
export function storedIoLimits(limits: IoLimits | undefined): IoLimits | undefined {
  if (limits === undefined) return undefined;
  return Object.fromEntries(
    IO_LIMITS.flatMap(({ field }) => (limits[field] === undefined ? [] : [[field, limits[field]] as const])),
  );
}

/** Of a disk in metadata. */
export function declaredIoLimits(stored: unknown): IoLimits | undefined {
  const found = IO_LIMITS.flatMap(({ field }) => {
    const value = countAt(stored, field);
    return value === undefined ? [] : [[field, value] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
