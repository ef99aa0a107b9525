import { isLocalImage } from '../values/names.ts';
import { byPlace } from '../diagnostics/diagnostic.ts';
import { quote } from '../../text/quote.ts';
import { valueAt } from '../yaml/raw-value.ts';
import type { ConfigPath } from '../machine.ts';
import type { CheckedText } from './check.ts';
import type { VmFileReader } from './reader.ts';

const IMAGE_KEY = ['boot_disk', 'image'] as const;

const NOT_BROUGHT =
  'is a file of this machine: --upload brings it to the hypervisor; or give the path of an image there';

/**
 * With the base image that it names opened, where that is a file of this machine. It may be named, and lie,
 * where the other files that a VM file names may.
 */
export async function withLocalImage(checked: CheckedText, reader: VmFileReader): Promise<CheckedText> {
  const { file, machine, value } = checked;
  const image = machine?.bootDisk.image ?? valueAt(valueAt(value, 'boot_disk'), 'image');
  if (typeof image !== 'string' || !isLocalImage(image)) return checked;
  if (!reader.bringsImages) return refused(checked, IMAGE_KEY, `${quote(image)} ${NOT_BROUGHT}`);
  if (machine === undefined) return checked;
  const opened = await reader.namedBy(file).open(image);
  return 'problem' in opened
    ? refused(checked, IMAGE_KEY, `${quote(image)} ${opened.problem}`)
    : { ...checked, localImage: opened };
}

/** With one more mistake. */
export function refused(checked: CheckedText, path: ConfigPath, problem: string): CheckedText {
  const diagnostics = [...checked.diagnostics, checked.report(path, problem)].toSorted(byPlace);
  const { machine: _none, ...rest } = checked;
  return { ...rest, machine: undefined, refusal: checked.refusal ?? 'validation', diagnostics };
}
