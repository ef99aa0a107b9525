import { bootWord } from '../values/media.ts';
import type { BootDevice, CdromBus } from '../values/media.ts';

export type { CdromBus } from '../values/media.ts';

/** A drive for an install medium. The seed ISO has a drive of its own. */
export interface Cdrom {
  /**
   * Absolute path of the ISO on the hypervisor; undefined: the drive is empty. One that is named, or a file
   * of this machine, as it is written, until it is found or brought there.
   */
  readonly image: string | undefined;
  /** Undefined: what installers of the architecture see. */
  readonly bus: CdromBus | undefined;
}

/** How a VM boots, besides from its disk, and from what. */
export interface MachineMedia {
  /** Undefined: it has no drive. */
  readonly cdrom?: Cdrom | undefined;
  /** In the order in which they are tried; undefined: what bootList says. */
  readonly boot?: readonly BootDevice[] | undefined;
}

interface Bootable extends MachineMedia {
  readonly interfaces: readonly { readonly bootsFromNetwork: boolean }[];
}

interface Imaged extends MachineMedia {
  readonly bootDisk: { readonly image: string | undefined };
}

/** What the firmware tries where no list says it: interfaces whose key says so, the disk, the drive. */
export function usualBoot({ cdrom, interfaces }: Omit<Bootable, 'boot'>): readonly BootDevice[] {
  const networks = interfaces.flatMap(({ bootsFromNetwork }, index) =>
    bootsFromNetwork ? [bootWord(index)] : [],
  );
  return [...networks, 'disk', ...(cdrom === undefined ? [] : (['cdrom'] as const))];
}

/** What the firmware tries, in its order. */
export function bootList(machine: Bootable): readonly BootDevice[] {
  return machine.boot ?? usualBoot(machine);
}

/** Files of the hypervisor that a machine is made with, and that nobody changes: base image and medium. */
export function imagesOf({ bootDisk, cdrom }: Imaged): readonly string[] {
  return [bootDisk.image, cdrom?.image].filter((image) => image !== undefined);
}
