import { usualBoot } from '../../machine/media.ts';
import type { MachineMedia } from '../../machine/media.ts';
import { bootInterface, bootWord } from '../../values/media.ts';
import type { BootDevice } from '../../values/media.ts';
import type { ConfigFile } from '../schema/vm-file.ts';

type File = Pick<ConfigFile, 'boot' | 'cdrom' | 'network_interfaces'>;

/** Drive and boot list, as a file without mistakes says them. A list that says what is so anyway is none. */
export function toMedia({ boot, cdrom: said, network_interfaces }: File): MachineMedia {
  const { image, bus } = typeof said === 'string' ? { image: said, bus: undefined } : (said ?? {});
  const cdrom = said === undefined ? undefined : { image, bus };
  const interfaces = network_interfaces.map((one) => ({ bootsFromNetwork: one.boot === 'network' }));
  const list = boot?.map(toBootDevice);
  const isUsual = list?.join() === usualBoot({ cdrom, interfaces }).join();
  return {
    ...(cdrom === undefined ? {} : { cdrom }),
    ...(list === undefined || isUsual ? {} : { boot: list }),
  };
}

/** Each by the one word that it has. */
function toBootDevice(word: string): BootDevice {
  const index = bootInterface(word);
  if (index !== undefined) return bootWord(index);
  return word === 'cdrom' ? 'cdrom' : 'disk';
}
