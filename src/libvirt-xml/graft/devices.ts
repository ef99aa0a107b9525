import type { XmlElement } from '../read/parse.ts';
import { addIfNone, altered, attributesIn, blend, blendEach, swap, withChildrenOf } from './elements.ts';
import type { Graft } from './elements.ts';

const DEVICES = ['domain', 'devices'] as const;
const DISK = [...DEVICES, 'disk'] as const;
const INTERFACE = [...DEVICES, 'interface'] as const;

/** What plow writes into an interface; all else in it is somebody else's, or its place. */
const OF_INTERFACE = ['mac', 'source', 'vlan', 'model', 'mtu', 'target', 'virtualport'];

/** A disk that comes or goes, or one of its settings. @param field undefined: the disk itself */
export function diskGrafts(target: string, field: string | undefined): readonly Graft[] {
  const isIt = (disk: XmlElement): boolean => targetOf(disk) === target;
  // A drive may be among what the firmware tries.
  if (field === undefined) return [SCSI, swap(DISK, isIt), ...BOOT_ORDER];
  if (field === 'cache' || field === 'discard')
    return [blend(DISK, (stored, wanted) => withDriver(stored, wanted, field), isIt)];
  if (field === 'io_limits')
    return [blend(DISK, (stored, wanted) => withChildrenOf(stored, wanted, ['iotune']), isIt)];
  return [];
}

/** A drive on SCSI wants a controller, which stays. */
const SCSI = addIfNone([...DEVICES, 'controller'], (one) => one.attribute('type') === 'scsi');

/** An interface, which keeps its place. @param mac lower case */
export function interfaceGraft(mac: string): Graft {
  const isIt = (one: XmlElement): boolean => macOf(one) === mac;
  return blend(
    INTERFACE,
    (stored, wanted) =>
      altered(
        stored,
        attributesIn(wanted),
        OF_INTERFACE,
        wanted.children().filter(({ name }) => OF_INTERFACE.includes(name)),
      ),
    isIt,
  );
}

/** Which thread of QEMU serves each disk. */
export const THREADS = blendEach(DISK, targetOf, (stored, wanted) => withDriver(stored, wanted, 'iothread'));

/** What the firmware tries, in which order. */
export const BOOT_ORDER: readonly Graft[] = [
  swap(['domain', 'os', 'boot']),
  blendEach(DISK, targetOf, (stored, wanted) => withChildrenOf(stored, wanted, ['boot'])),
  blendEach(INTERFACE, macOf, (stored, wanted) => withChildrenOf(stored, wanted, ['boot'])),
];

/** Part of every q35, which libvirt 9.1 and later write down. */
const isOwnWatchdog = (one: XmlElement): boolean => one.attribute('model') !== 'itco';
export const WATCHDOG = swap([...DEVICES, 'watchdog'], isOwnWatchdog);

export const TPM = swap([...DEVICES, 'tpm']);

export const SHARES: readonly Graft[] = [
  swap([...DEVICES, 'filesystem'], (one) => one.first('driver')?.attribute('type') === 'virtiofs'),
  swap(['domain', 'memoryBacking', 'source']),
  swap(['domain', 'memoryBacking', 'access']),
];

/** What a viewer points with stays where the screen goes: it does no harm. */
export const SCREEN: readonly Graft[] = [
  ...(['controller', 'input'] as const).flatMap((name) =>
    ['keyboard', 'tablet', 'usb'].map((type) =>
      addIfNone(
        [...DEVICES, name],
        (one) => one.attribute('type') === type && (name === 'controller' || one.attribute('bus') === 'usb'),
      ),
    ),
  ),
  swap([...DEVICES, 'graphics'], (one) => one.attribute('type') === 'vnc'),
  swap([...DEVICES, 'video']),
];

function targetOf(disk: XmlElement): string | undefined {
  return disk.first('target')?.attribute('dev');
}

function macOf(one: XmlElement): string | undefined {
  return one.first('mac')?.attribute('address')?.toLowerCase();
}

function withDriver(stored: XmlElement, wanted: XmlElement, key: string): XmlElement {
  const driver = stored.first('driver');
  const value = wanted.first('driver')?.attribute(key);
  if (driver === undefined) return withChildrenOf(stored, wanted, ['driver']);
  const attributes = { ...attributesIn(driver, key), ...(value === undefined ? {} : { [key]: value }) };
  return altered(stored, undefined, ['driver'], [altered(driver, attributes)]);
}
