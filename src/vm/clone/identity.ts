import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readForeignYaml } from '../../config/yaml/foreign.ts';
import { isMap } from '../../config/yaml/raw-value.ts';
import { truth } from '../../provision/cloud-init/reading.ts';

/** Files by which a guest is the one that it is. */
const OWN_FILES = /^\/etc\/(?:ssh\/ssh_host_[^/]+|machine-id|hostname)$/u;

/**
 * What cloud-init runs in a boot.
 * https://cloudinit.readthedocs.io/en/latest/reference/base_config_reference.html
 */
const MODULE_LISTS = ['cloud_init_modules', 'cloud_config_modules', 'cloud_final_modules'];

export interface Stripped {
  readonly document: string;
  /** Keys that are not in it any more. */
  readonly removed: readonly string[];
}

/**
 * A #cloud-config without what gives a guest host keys that others have, or leaves it those of its disk: all
 * else stays as it is. @returns undefined where that is written in a way that plow cannot take out
 */
export function withoutHostKeys(document: string): Stripped | undefined {
  const values = valuesOf(document);
  const removed = ['ssh_keys', 'ssh_deletekeys'].filter(
    (key) => key in values && (key === 'ssh_keys' || truth(values[key]) !== true),
  );
  const stripped = removed.reduce(withoutKey, document.replace(/\n*$/u, '\n'));
  const expected = Object.fromEntries(Object.entries(values).filter(([key]) => !removed.includes(key)));
  if (removed.length === 0) return { document, removed };
  return isDeepStrictEqual(valuesOf(stripped), expected) ? { document: stripped, removed } : undefined;
}

/** A key at the left edge, with the lines below that are its own. */
function withoutKey(document: string, key: string): string {
  return document.replace(new RegExp(`^${key}[ \\t]*:[^\\n]*\\n(?:[ \\t][^\\n]*\\n|\\n)*`, 'mu'), '');
}

/** Why a guest would go on as another one, whatever its seed says; undefined where nothing does. */
export function identityKept(document: string): string | undefined {
  const values = valuesOf(document);
  if (truth(values['preserve_hostname']) === true)
    return 'preserve_hostname has the guest keep its host name';
  const list = MODULE_LISTS.find((key) => key in values);
  if (list !== undefined) return `${list} may leave out what makes a guest another one`;
  const { vendor_data: vendor, write_files: files } = values;
  if (isMap(vendor) && truth(vendor['enabled']) === false)
    return 'vendor_data is off, by which plow gives it a machine id';
  const paths = (Array.isArray(files) ? files : []).map((file: unknown) => (isMap(file) ? file['path'] : ''));
  return ownFileAmong(paths);
}

/** @param paths of files that cloud-init writes */
export function ownFileAmong(paths: readonly unknown[]): string | undefined {
  const texts = paths.filter((path) => typeof path === 'string');
  const own = texts.find((path) => OWN_FILES.test(posix.normalize(path)));
  return own === undefined ? undefined : `write_files has ${own}`;
}

function valuesOf(document: string): Readonly<Record<string, unknown>> {
  const values = readForeignYaml(document);
  return isMap(values) ? values : {};
}
