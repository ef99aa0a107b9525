import { isSeedOf } from '../../libvirt-xml/domain/devices/seed.ts';
import { CDROM_TARGET } from '../../config/values/media.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { HEAD_BYTES } from '../image-format/head.ts';
import { seedLabel } from '../image-format/medium.ts';
import type { Seen } from './look.ts';

/** Kinds of disks that are of that kind with nothing in them as well. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['file', 'block', 'volume']);

/**
 * The drive of a VM for install media: that which plow made, else the first that holds no seed, which is
 * looked at. One that cannot be looked at may hold it, and is passed over.
 * @throws PlowError (operation) where it has none
 */
export async function driveOf(seen: Seen, inspection: Inspection): Promise<DiskFacts> {
  const { stored, metadata, domain } = seen;
  const drives = stored.disks.filter(
    (disk) => disk.device === 'cdrom' && !isSeedOf(disk, metadata?.directory),
  );
  const made = metadata?.declared.cdrom && drives.find(({ target }) => target === CDROM_TARGET);
  const unseen: string[] = [];
  for (const drive of made === undefined ? drives : [made]) {
    const isOurs = drive === made;
    const why = await whyNoMedium(drive, seen, inspection, isOurs);
    if (why === undefined) return drive;
    if (why !== 'seed') unseen.push(`${drive.target}: ${why}`);
  }
  throw unseen.length === 0 ? noDrive(domain.name) : unseenDrive(domain.name, unseen);
}

function noDrive(vmName: string): PlowError {
  const name = shellArgument(vmName);
  return new PlowError('operation', `VM '${vmName}' has no drive for an install medium`, {
    hint: `cdrom: {} in a VM file gives it one; libvirt adds one to a VM that is there, from its next start on: virsh attach-disk ${name} "" ${CDROM_TARGET} --targetbus sata --type cdrom --mode readonly --config`,
  });
}

function unseenDrive(vmName: string, unseen: readonly string[]): PlowError {
  const name = shellArgument(vmName);
  const message = `VM '${vmName}' has no drive for an install medium of which it is known that it holds no seed (${unseen.join('; ')})`;
  return new PlowError('operation', message, {
    hint: `if that is a medium: virsh change-media ${name} TARGET --eject`,
  });
}

/** `seed`: one is in it, stored or as it runs. Else why that is not known; undefined: none is. */
async function whyNoMedium(
  drive: DiskFacts,
  { live }: Seen,
  inspection: Inspection,
  isOurs: boolean,
): Promise<string | undefined> {
  const running = live?.disks.find(({ target }) => target === drive.target);
  for (const view of running === undefined ? [drive] : [drive, running]) {
    const { source, type } = view;
    const isFileOrNone = type === 'file' || (source === undefined && MAY_BE_EMPTY.has(type));
    if (!isFileOrNone) return `${source ?? 'what is in it'} is no file, but of type ${type}`;
    if (source === undefined || isOurs) continue;
    const why = await whyNoMediumAt(source, inspection, live !== undefined);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** @param runs QEMU may have a file that is gone */
async function whyNoMediumAt(
  source: string,
  { directories }: Inspection,
  runs: boolean,
): Promise<string | undefined> {
  const { dir, base } = posix.parse(source);
  const looking = directories.visit(dir, async (view) => {
    if ((await view.entry(base)) === undefined) return 'no-such-file' as const;
    return (await view.head(base, HEAD_BYTES)) ?? ('unseen' as const);
  });
  const head = await explaining(looking, 'storage', `cannot look at ${source}`);
  if (typeof head === 'object') return seedLabel(head) === undefined ? undefined : 'seed';
  if (head === 'unseen' || runs) return `${source} cannot be looked at`;
  return undefined;
}
