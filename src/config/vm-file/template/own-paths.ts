import { isAbsolute, relative, resolve } from 'node:path';

import type { ConfigPath } from '../../machine.ts';
import { isLocalImage } from '../../values/names.ts';
import { leaf } from '../../yaml/place.ts';
import type { Place } from '../../yaml/place.ts';
import { directoryOf } from '../reader.ts';
import { replaced } from './trees.ts';

/** Below `cloud_init` and `provisioning`. */
const KEY_FILES = /^(?:users\.\d+\.)?ssh_keys\.\d+\.file$/u;
const DOCUMENTS: ReadonlySet<string> = new Set([
  'cloud_init.user_data',
  'provisioning.cloud_init.user_data',
  'provisioning.ignition.config',
  'vnc.password_file',
]);
const IMAGES: ReadonlySet<string> = new Set(['boot_disk.image', 'cdrom', 'cdrom.image']);

/**
 * What a file comes to, with paths in it that are relative to that file, also those that stand in another
 * one, and are relative to that.
 */
export function withOwnPaths(file: string, root: Place): Place {
  const directory = directoryOf(file);
  return replaced(root, (place, path) => {
    const { value, source } = place;
    if (source?.tree === undefined || typeof value !== 'string') return place;
    const isImage = IMAGES.has(path.join('.'));
    if (!(isImage ? isLocalImage(value) : namesFile(path)) || isAbsolute(value) || value.startsWith('~/'))
      return place;
    const there = directoryOf(source.file);
    if (there === directory) return place;
    const from = relative(directory, resolve(there, value));
    return leaf(isImage && !from.startsWith('../') ? `./${from}` : from, place);
  });
}

/** Whether a value is the path of a file that is read with the VM file. */
function namesFile(path: ConfigPath): boolean {
  const [section, ...rest] = path;
  if (DOCUMENTS.has(path.join('.'))) return true;
  return (section === 'cloud_init' || section === 'provisioning') && KEY_FILES.test(rest.join('.'));
}
