import { IO_LIMITS } from '../../../config/machine/extras.ts';
import type { IoLimits } from '../../../config/machine/extras.ts';
import type { XmlElement } from '../../read/parse.ts';
import type { Element, Shape } from '../devices/device.ts';

const MIB = 2 ** 20;

type Limit = (typeof IO_LIMITS)[number];

/** `read_iops_sec`, `read_bytes_sec`. */
function elementOf({ key }: Limit): string {
  return `${key.replace('_mib_per_s', '_bytes')}_sec`;
}

function unitOf({ counts }: Limit): number {
  return counts === 'iops' ? 1 : MIB;
}

/** https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms */
export function addIoLimits(disk: Element, limits: IoLimits | undefined): void {
  if (limits === undefined) return;
  const tune = disk.ele('iotune');
  for (const limit of IO_LIMITS) {
    const most = limits[limit.field];
    if (most !== undefined) tune.ele(elementOf(limit)).txt(String(most * unitOf(limit)));
  }
}

/** Bursts, groups and the like are told, and so are bytes that are no whole MiB. */
export const IO_TUNE: Shape = {
  children: Object.fromEntries(IO_LIMITS.map((limit) => [elementOf(limit), { text: /^\d+$/u }])),
};

/** All limits of a disk by their names in libvirt; 0: as much as the host can do. */
export function ioTuneOf(limits: IoLimits | undefined): ReadonlyMap<string, number> {
  return new Map(IO_LIMITS.map((limit) => [elementOf(limit), (limits?.[limit.field] ?? 0) * unitOf(limit)]));
}

/** Bytes as MiB, which may be a fraction; undefined where nothing is bounded. */
export function readIoLimits(disk: XmlElement): IoLimits | undefined {
  const tune = disk.first('iotune');
  const found = IO_LIMITS.flatMap((limit) => {
    const most = Number(tune?.first(elementOf(limit))?.text() ?? '0');
    return Number.isFinite(most) && most > 0 ? [[limit.field, most / unitOf(limit)] as const] : [];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
