import { posix } from 'node:path';

import type { ConfigPath, ProvisioningFormat } from '../../machine.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { isMap, listAt, valueAt } from '../../yaml/raw-value.ts';
import { COMMANDS_FILE, TIMEZONE_LINK } from '../../values/guest-names.ts';
import { quote } from '../../../text/quote.ts';

/** Keys of `provisioning` for which a format has no words, and what helps. */
const CANNOT_SAY: Readonly<Record<ProvisioningFormat, Readonly<Record<string, string>>>> = {
  'cloud-init': {
    network: 'is for Ignition: cloud-init finds out by itself who brings up the network',
    ignition: 'is for Ignition: write format: ignition, or take it out',
  },
  ignition: {
    packages:
      'Ignition cannot install packages; use an image that has them, or a unit of your own in ignition.config',
    cloud_init: 'is for cloud-init: write format: cloud-init, or take it out',
  },
};

/** What a format cannot say of what stands in `provisioning`, a mistake at each such key. */
export function unsayable(format: ProvisioningFormat, says: (key: string) => boolean): readonly Mistake[] {
  return Object.entries(CANNOT_SAY[format]).flatMap(([key, text]) =>
    says(key) ? [{ path: ['provisioning', key], text }] : [],
  );
}

/** @param section `provisioning` as it was written */
export function formatMistakes(section: unknown): readonly Mistake[] {
  const format = valueAt(section, 'format') ?? 'cloud-init';
  if (format === 'none') return keysBeside(section).map((path) => ({ path, text: NONE }));
  if (format !== 'cloud-init' && format !== 'ignition') return [];
  return [
    ...unsayable(format, (key) => saysSomething(valueAt(section, key))),
    ...(format === 'ignition' ? unsayableFiles(listAt(section, 'write_files'), taken(section)) : []),
  ];
}

/**
 * Of `write_files`. Of a mode Ignition has the last nine bits alone, in each spec that all guests read, and
 * paths have to be as short as they go. No file lies below another, or below what plow puts there.
 * @param files as they were written, or of a machine @param others what plow puts there, by path
 */
export function unsayableFiles(
  files: readonly unknown[],
  others: ReadonlyMap<string, string>,
): readonly Mistake[] {
  const paths = new Map(files.map((file) => [valueAt(file, 'path'), 'a file of write_files']));
  return files.flatMap((file, index) => {
    const at = ['provisioning', 'write_files', index];
    const [mode, path] = [valueAt(file, 'permissions'), valueAt(file, 'path')];
    const mistakes: Mistake[] = [];
    if (typeof mode === 'string' && /^0?[1-7][0-7]{3}$/u.test(mode)) {
      const text = `Ignition sets no setuid, setgid and sticky bits: write ${quote(`0${mode.slice(-3)}`)}, and chmod in runcmd`;
      mistakes.push({ path: [...at, 'permissions'], text });
    }
    const short = typeof path === 'string' ? posix.normalize(path) : path;
    if (typeof short === 'string' && short !== path)
      mistakes.push({ path: [...at, 'path'], text: `Ignition takes no way round: write ${quote(short)}` });
    else if (typeof path === 'string') {
      const text = whyTaken(path, paths, others);
      if (text !== undefined) mistakes.push({ path: [...at, 'path'], text });
    }
    return mistakes;
  });
}

function whyTaken(
  path: string,
  files: ReadonlyMap<unknown, string>,
  others: ReadonlyMap<string, string>,
): string | undefined {
  if (path === COMMANDS_FILE && others.has(path)) return `is ${others.get(path) ?? ''}: take another path`;
  for (let above = posix.dirname(path); above !== '/' && above !== '.'; above = posix.dirname(above)) {
    const what = files.get(above) ?? others.get(above);
    if (what !== undefined) return `lies below ${quote(above)}, which is ${what}`;
  }
  return undefined;
}

/** @param section as it was written, or what a machine has of it */
export function taken(section: unknown): ReadonlyMap<string, string> {
  const has = (key: string): boolean => saysSomething(valueAt(section, key));
  return new Map([
    ...(has('runcmd') ? [[COMMANDS_FILE, 'where plow puts what runcmd says'] as const] : []),
    ...(has('timezone') ? [[TIMEZONE_LINK, 'the link to the time zone'] as const] : []),
  ]);
}

const NONE = 'with format: none plow sets up nothing in the guest; take it out, or write another format';

function keysBeside(section: unknown): readonly ConfigPath[] {
  const keys = isMap(section) ? Object.keys(section) : [];
  return keys
    .filter((key) => key !== 'format' && saysSomething(valueAt(section, key)))
    .map((key) => ['provisioning', key]);
}

function saysSomething(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}
