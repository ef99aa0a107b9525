import type { FileDefaults } from '../vm-file/fill-in.ts';
import type { ConfigPath } from '../machine.ts';
import { isMap, valueAt } from '../yaml/raw-value.ts';
import { findSecret } from '../../text/secrets.ts';
import { defaultAt, hasFreeKeys, knownKeys } from '../vm-file/schema/vm-file.ts';
import type { ConfigFile } from '../vm-file/schema/vm-file.ts';

/** What may be missing, at every level. */
type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

/** The keys of a VM file and their values, as far as they are known. */
export type DraftValues = Loose<ConfigFile>;

/** Words about a key. They stand before it, or in its place where its value is not known. */
export interface Remark {
  readonly path: ConfigPath;
  readonly text: string;
}

/** A VM file that is to be written, about an existing VM. */
export interface Draft {
  readonly values: DraftValues;
  /** What keys of a VM that are left out become, where that depends on the hypervisor. */
  readonly defaults: DraftValues;
  readonly remarks: readonly Remark[];
  /** What is true of the VM and cannot be said in a file. */
  readonly rest: readonly string[];
  /** What a VM of the file has, and this one has not. */
  readonly gains: readonly string[];
}

/** A draft as a person would write it. */
export interface TidyDraft extends Omit<Draft, 'values' | 'defaults'> {
  /** In the order of docs/vm-file-reference.md, without what has its default anyway. */
  readonly values: TidyMap;
}

export type TidyMap = Readonly<Record<string, unknown>>;

/**
 * @param defaults that readers of the file have: what these would fill in is written even where it is plow's
 * own default
 */
export function tidy(
  { values, defaults: ofHost, remarks, rest, gains }: Draft,
  defaults?: FileDefaults,
): TidyDraft {
  const filled = Object.keys(defaults?.values ?? {});
  const usual: TidyMap = ofHost;
  const told = Object.fromEntries(
    Object.entries(values).filter(([key, value]) => filled.includes(key) || value !== usual[key]),
  );
  return {
    values: tidyMap(told, [], filled),
    remarks: remarks.map(({ path, text }) => ({ path, text: withoutSecret(text) })),
    rest: rest.map(withoutSecret),
    gains,
  };
}

/** A document may hold one anywhere, as in an argument for QEMU. */
function withoutSecret(text: string): string {
  const start = findSecret(text);
  return start < 0 ? text : `${text.slice(0, start)}(a secret, not shown)`;
}

function tidyMap(map: TidyMap, path: ConfigPath, filled: readonly string[]): TidyMap {
  const entries = knownKeys(path).flatMap((key): readonly [string, unknown][] => {
    const value = map[key];
    if (value === undefined) return [];
    const isDefault = JSON.stringify(value) === JSON.stringify(defaultOf([...path, key], map));
    return isDefault && !filled.includes(key) ? [] : [[key, tidyValue(value, [...path, key], filled)]];
  });
  return Object.fromEntries(entries);
}

function tidyValue(value: unknown, path: ConfigPath, filled: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => tidyValue(item, [...path, index], filled));
  return isMap(value) && !hasFreeKeys(path) ? tidyMap(value, path, filled) : value;
}

/** What passwords are for depends on a document of the user's own. */
function defaultOf(path: ConfigPath, beside: TidyMap): unknown {
  const [userData, config] = [beside['user_data'], valueAt(beside['ignition'], 'config')];
  const isOpen = ['cloud_init', 'provisioning'].includes(String(path[0])) && path[1] === 'ssh_pwauth';
  if (isOpen && path.length === 2 && userData === undefined && config === undefined) return false;
  return defaultAt(path);
}
