import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { lookAtDisks } from '../ownership/look-at-disks.ts';
import type { End } from './ends.ts';

/**
 * A hypervisor that a VM comes from may be in other hands than the one that it goes to, and says itself what
 * the VM is: nothing of that may give the VM more there than a VM has.
 */

/** Arguments, and the like, that libvirt hands to QEMU as they are. */
const OF_QEMU: ReadonlySet<string> = new Set(['commandline', 'capabilities', 'override', 'deprecation']);
/** Where packages have firmware. */
const FIRMWARE = '/usr/';

/** What plow does not write, and what would have QEMU do more than run a VM. */
export function ofPower(stored: XmlElement): readonly string[] {
  const labels = stored.children('seclabel');
  return [
    ...(stored.children().some(({ name }) => OF_QEMU.has(name))
      ? ['it has arguments of its own for QEMU, which may be anything']
      : []),
    ...(labels.some(isOwnLabel) ? ['it has a security label of its own'] : []),
  ];
}

function isOwnLabel(label: XmlElement): boolean {
  return (label.attribute('type') ?? 'dynamic') !== 'dynamic' || label.children().length > 0;
}

/** Whether a path of firmware is one that packages have. */
export function isOfPackages(path: string): boolean {
  return posix.normalize(path).startsWith(FIRMWARE);
}

/** Paths of images. */
interface Came {
  /** Of the VM's own directory. */
  readonly files: readonly string[];
  /** What they may stand on. */
  readonly bases: readonly string[];
  /** Those of the bases that came along. */
  readonly carried: readonly string[];
}

/**
 * That the images which came stand on what they stood on here, and on nothing else there: libvirt, which is
 * root, opens what they name.
 * @throws PlowError (storage), HypervisorError
 */
export async function assertChains({ files, bases, carried }: Came, { context }: End): Promise<void> {
  const known = new Set([...files, ...bases]);
  const looks = await lookAtDisks([...files, ...carried], context, context.hypervisor.local);
  for (const [path, look] of looks) {
    if (look === 'missing') continue;
    const below = 'why' in look ? [look.why] : look.below.map((one) => posix.normalize(one.path));
    const strange = carried.includes(path) ? below[0] : below.find((one) => !known.has(one));
    if (strange === undefined) continue;
    const words = `${path} came with something below it that it did not have: ${strange}`;
    throw new PlowError('storage', words);
  }
}
