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

/**
 * The drive of a VM for install media: that which plow made, else the first that holds no seed, which is
 * looked at. @throws PlowError (operation) where it has none
 */
export async function driveOf(seen: Seen, inspection: Inspection): Promise<DiskFacts> {
  const { stored, metadata, domain } = seen;
  const drives = stored.disks.filter(
    (disk) => disk.device === 'cdrom' && !isSeedOf(disk, metadata?.directory),
  );
  const made = metadata?.declared.cdrom && drives.find(({ target }) => target === CDROM_TARGET);
  if (made !== undefined) return made;
  for (const drive of drives) if (!(await holdsSeed(drive, inspection))) return drive;
  const message = `VM '${domain.name}' has no drive for an install medium`;
  const name = shellArgument(domain.name);
  throw new PlowError('operation', message, {
    hint: `cdrom: {} in a VM file gives it one; libvirt adds one to a VM that is there, from its next start on: virsh attach-disk ${name} "" ${CDROM_TARGET} --targetbus sata --type cdrom --mode readonly --config`,
  });
}

async function holdsSeed({ source, type }: DiskFacts, { directories }: Inspection): Promise<boolean> {
  if (source === undefined || type !== 'file') return false;
  const { dir, base } = posix.parse(source);
  const looking = directories.visit(dir, (view) => view.head(base, HEAD_BYTES));
  const head = await explaining(looking, 'storage', `cannot look at ${source}`);
  return typeof head === 'object' && seedLabel(head) !== undefined;
}
