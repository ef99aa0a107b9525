import type { MachineMedia } from '../../config/machine/media.ts';
import { bootDeviceMistake, CDROM_BUSES, mediumPathMistake } from '../../config/values/media.ts';
import type { BootDevice, CdromBus } from '../../config/values/media.ts';

/** The drive and the boot list as metadata have them; left out where a VM has none. */
export interface StoredMedia {
  readonly cdrom: StoredCdrom | undefined;
  readonly boot: readonly string[] | undefined;
}

export interface StoredCdrom {
  /** Left out of an empty drive. */
  readonly image: string | undefined;
  readonly bus: string | undefined;
  /** What was in it before plow media eject; left out where none was taken out. */
  readonly ejected: string | undefined;
}

export interface DeclaredMedia {
  /** Undefined: it was made without a drive. */
  readonly cdrom: DeclaredCdrom | undefined;
  readonly boot: readonly BootDevice[] | undefined;
}

export interface DeclaredCdrom {
  readonly image: string | undefined;
  readonly bus: CdromBus | undefined;
  /** What was in it last, where nothing is. */
  readonly ejected: string | undefined;
}

export function storedMedia({ cdrom, boot }: MachineMedia): StoredMedia {
  return { cdrom: cdrom && { image: cdrom.image, bus: cdrom.bus, ejected: undefined }, boot };
}

/** What metadata have under a key, where that is of the kind that is asked for. */
interface Fields {
  readonly isThere: boolean;
  text(key: string): string | undefined;
  texts(key: string): readonly string[];
  child(key: string): Fields;
}

/** What is not as plow writes it is left out: it becomes words of a VM file again. */
export function readMedia(stored: Fields): DeclaredMedia {
  const cdrom = stored.child('cdrom');
  const boot = stored.texts('boot');
  return {
    cdrom: cdrom.isThere ? readCdrom(cdrom) : undefined,
    boot: boot.length > 0 && boot.every(isBootDevice) ? boot : undefined,
  };
}

function readCdrom(cdrom: Fields): DeclaredCdrom {
  return {
    image: pathIn(cdrom.text('image')),
    bus: CDROM_BUSES.find((one) => one === cdrom.text('bus')),
    ejected: pathIn(cdrom.text('ejected')),
  };
}

function pathIn(text: string | undefined): string | undefined {
  return text !== undefined && mediumPathMistake(text) === undefined ? text : undefined;
}

function isBootDevice(word: string): word is BootDevice {
  return bootDeviceMistake(word) === undefined;
}
