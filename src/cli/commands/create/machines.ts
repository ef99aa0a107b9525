import type { LoadedMachine } from '../../../config/machine.ts';
import { readMachineFiles } from '../../../config/vm-file/load.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import type { Places } from '../../settings/places.ts';
import type { Uploads } from './uploads.ts';
import type { Settings } from '../../settings/settings.ts';
import { vmFileReader } from '../../settings/vm-files.ts';

/** What is to be made on one host. */
export interface OfPlace {
  readonly settings: Settings;
  readonly machines: readonly LoadedMachine[];
}

interface Wish extends OutsideFiles {
  /** In place of what the files say. */
  readonly lifetimeMinutes: number | undefined;
  /** Whether files may name base images of this machine. */
  readonly upload: boolean;
}

export interface ReadMachines {
  readonly all: readonly OfPlace[];
  /** What is odd but allowed, a line each. */
  readonly warnings: readonly string[];
  /** Undefined where no file names an image of this machine. */
  readonly uploads: Uploads | undefined;
}

/** The machines of all files, by the host on which each is to be made. @throws PlowError */
export async function readMachines(
  files: readonly string[],
  { lifetimeMinutes, upload, ...outside }: Wish,
  places: Places,
): Promise<ReadMachines> {
  const { usual, at } = places;
  const read = await readMachineFiles(files, { ...usual, at }, vmFileReader(usual, outside, upload));
  const byPlace = new Map<Settings, LoadedMachine[]>();
  for (const loaded of read) {
    const settings = at(loaded.host);
    if (typeof settings === 'string') throw new Error('the file was refused');
    const others = byPlace.get(settings) ?? [];
    byPlace.set(settings, [...others, withLifetime(loaded, lifetimeMinutes)]);
  }
  const all = [...byPlace].map(([settings, machines]) => ({ settings, machines }));
  const warnings = read.flatMap((loaded) => loaded.warnings);
  return { all, warnings, uploads: await uploadsOf(read) };
}

/** Those of one host. */
export function machinesOn(settings: Settings, all: readonly OfPlace[]): readonly LoadedMachine[] {
  return all.find((place) => place.settings === settings)?.machines ?? [];
}

/** @throws PlowError (validation) */
async function uploadsOf(machines: readonly LoadedMachine[]): Promise<Uploads | undefined> {
  if (machines.every(({ localImage, localMedium }) => (localImage ?? localMedium) === undefined))
    return undefined;
  return (await import('./uploads.ts')).Uploads.of(machines);
}

/** With another lifetime than its file says; undefined: with that. */
function withLifetime(loaded: LoadedMachine, lifetimeMinutes: number | undefined): LoadedMachine {
  return lifetimeMinutes === undefined
    ? loaded
    : { ...loaded, machine: { ...loaded.machine, lifetimeMinutes } };
}
