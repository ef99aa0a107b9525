import { isLocalImage } from '../../values/names.ts';
import { byPlace } from '../../diagnostics/diagnostic.ts';
import { quote } from '../../../text/quote.ts';
import type { ConfigPath } from '../../machine.ts';
import type { CheckedText } from '../check.ts';
import { IMAGE_KEYS, writtenImage } from './image-keys.ts';
import type { ImageKey } from './image-keys.ts';
import type { VmFileReader } from '../reader.ts';

const NOT_BROUGHT =
  'is a file of this machine: --upload brings it to the hypervisor; or give the path of an image there';

/**
 * With the images that it names opened, where they are files of this machine. They may be named, and lie,
 * where the other files that a VM file names may.
 */
export async function withLocalImages(checked: CheckedText, reader: VmFileReader): Promise<CheckedText> {
  let found = checked;
  for (const key of IMAGE_KEYS) found = await withLocalImage(found, key, reader);
  return found;
}

async function withLocalImage(
  checked: CheckedText,
  key: ImageKey,
  reader: VmFileReader,
): Promise<CheckedText> {
  const { file, machine, value } = checked;
  const image = (machine && key.of(machine)) ?? writtenImage(value, key);
  if (typeof image !== 'string' || !isLocalImage(image)) return checked;
  if (!reader.bringsImages) return refused(checked, key.path, `${quote(image)} ${NOT_BROUGHT}`);
  if (machine === undefined) return checked;
  const opened = await reader.namedBy(file).open(image);
  return 'problem' in opened
    ? refused(checked, key.path, `${quote(image)} ${opened.problem}`)
    : { ...checked, [key.local]: opened };
}

/** With one more mistake. */
export function refused(checked: CheckedText, path: ConfigPath, problem: string): CheckedText {
  const diagnostics = [...checked.diagnostics, checked.report(path, problem)].toSorted(byPlace);
  const { machine: _none, ...rest } = checked;
  return { ...rest, machine: undefined, refusal: checked.refusal ?? 'validation', diagnostics };
}
