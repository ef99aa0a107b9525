import { mediumThere } from '../../attach/find-medium.ts';
import { attachDisk } from '../../attach/attach-disk.ts';
import { attachNic } from '../../attach/attach-nic.ts';
import { detachNic } from '../../attach/detach-nic.ts';
import { changeMedium } from '../../attach/media.ts';
import { autostartVm } from '../../lifecycle/power.ts';
import { resizeVm } from '../../resize/resize.ts';
import type { Machine } from '../../../config/machine.ts';
import { ioTuneOf } from '../../../libvirt-xml/domain/extras/io-limits.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../context.ts';
import type { Change } from '../change.ts';
import type { Way } from './way.ts';

/** A change, and by what it is made. */
export interface OnItsWay {
  readonly change: Change;
  readonly way: Way;
}

/**
 * Makes what is made at once, each with the function that the command of its own has: disks first, so that
 * the guest has them before anything else changes.
 * @param onDone is told of each, by its name
 * @throws PlowError, Interrupted
 */
export async function makeLiveChanges(
  domain: Domain,
  machine: Machine,
  changes: readonly OnItsWay[],
  context: VmContext,
  onDone: (whats: readonly string[]) => void,
): Promise<void> {
  const by = (way: Way): readonly string[] =>
    changes.flatMap((one) => (one.way === way ? [one.change.what] : []));
  const each = async (way: Way, work: (what: string) => Promise<unknown>): Promise<void> => {
    for (const what of by(way)) {
      await work(what);
      onDone([what]);
    }
  };
  await each('attach disk', async (what) => {
    const disk = machine.dataDisks.find(({ device }) => what === `disk ${device}`);
    if (disk !== undefined) await attachDisk(domain, context, { ...disk, target: disk.device });
  });
  const amounts = by('resize');
  if (amounts.length > 0) await resizeVm(domain, context, sizeOf(machine, amounts));
  onDone(amounts);
  await each('tune disk', (what) => tuneDisk(domain, machine, what));
  await each('attach nic', async (what) => {
    const nic = machine.interfaces.find(({ mac }) => what === `interface ${mac}`);
    if (nic !== undefined) await attachNic(domain, context, nic);
  });
  await each('detach nic', (what) => detachNic(domain, context, what.replace('interface ', '')));
  await each('medium', () => changeDrive(domain, machine, context));
  await each('describe', () => domain.setDescription(machine.description));
  await each('autostart', () => autostartVm(domain, context, machine.autostart));
}

function sizeOf(machine: Machine, amounts: readonly string[]): Parameters<typeof resizeVm>[2] {
  const { vcpus, memoryMib, bootDisk, dataDisks } = machine;
  const disks = [{ ...bootDisk, device: 'vda' }, ...dataDisks];
  const isMemory = amounts.some((what) => what.endsWith('memory_kib'));
  return {
    vcpus: amounts.includes('vcpus') ? vcpus : undefined,
    memoryMib: isMemory ? memoryMib : undefined,
    disks: new Map(
      disks.flatMap(({ device, sizeGib }) =>
        amounts.includes(`disk ${device} size_bytes`) ? [[device, sizeGib] as const] : [],
      ),
    ),
  };
}

async function tuneDisk(domain: Domain, { bootDisk, dataDisks }: Machine, what: string): Promise<void> {
  const disk = [{ ...bootDisk, device: 'vda' }, ...dataDisks].find(
    ({ device }) => what === `disk ${device} io_limits`,
  );
  if (disk !== undefined) await domain.tuneDisk(disk.device, ioTuneOf(disk.ioLimits));
}

async function changeDrive(domain: Domain, { cdrom }: Machine, context: VmContext): Promise<void> {
  const image = cdrom?.image;
  const wish =
    image === undefined
      ? ({ action: 'eject', isForced: false } as const)
      : ({ action: 'insert', find: mediumThere(image), isForced: false } as const);
  await changeMedium(domain, context, wish);
}
