import { archCalled, ARCHITECTURES } from '../../../config/architectures.ts';
import { CDROM_BUSES, mediumPathMistake } from '../../../config/values/media.ts';
import type { DraftValues } from '../../../config/draft/draft.ts';
import { CDROM_TARGET } from '../../../config/values/media.ts';
import type { DiskFacts } from '../../../libvirt-xml/domain/devices/disk.ts';
import { isSeedOf } from '../../../libvirt-xml/domain/devices/seed.ts';
import type { Evidence } from '../evidence.ts';
import { Words } from '../piece.ts';
import type { Piece } from '../piece.ts';

type Seen = Pick<Evidence, 'facts' | 'seed' | 'metadata' | 'unreadable'>;

/** The drive for install media: that of plow, else the first that holds no seed, and can hold none. */
export function driveOf({ facts, seed, metadata, unreadable }: Seen): DiskFacts | undefined {
  const drives = facts.disks.filter(
    (disk) => disk.device === 'cdrom' && disk.target !== seed?.target && !isSeedOf(disk, metadata?.directory),
  );
  const made = metadata?.declared.cdrom && drives.find(({ target }) => target === CDROM_TARGET);
  return made ?? drives.find(({ target }) => !unreadable.has(target));
}

/** The drive, what is in it and its bus. */
export function drivePiece(evidence: Evidence): Piece {
  const words = new Words();
  const drive = driveOf(evidence);
  const made = evidence.metadata?.declared.cdrom;
  if (drive === undefined) {
    if (made !== undefined) words.rest.push('the drive that plow made is unplugged');
    return { values: {}, remarks: words.remarks, rest: words.rest };
  }
  const image = imageOf(drive, words);
  const isMissing = evidence.unreadable.get(drive.target) ?? evidence.volumes.get(drive.target);
  if (image !== undefined && typeof isMissing === 'string')
    words.at(['cdrom', 'image'], `image: ${image} cannot be looked at (${isMissing})`);
  if (made !== undefined && image !== made.image)
    words.at(['cdrom'], `${made.image ?? 'nothing'} was in it when plow made the VM`);
  const bus = busOf(drive, evidence, words);
  return { values: { cdrom: { image, bus } }, remarks: words.remarks, rest: words.rest };
}

function imageOf({ target, type, source }: DiskFacts, words: Words): string | undefined {
  if (source === undefined) return undefined;
  const problem = type === 'file' ? mediumPathMistake(source) : `is of type ${type}`;
  if (problem === undefined) return source;
  words.at(['cdrom', 'image'], `image: ${source}, which is in ${target}, ${problem}`);
  return undefined;
}

/** Left out where it is the one that the architecture has anyway. */
function busOf(
  { target, bus }: DiskFacts,
  { facts, hostArch }: Evidence,
  words: Words,
): NonNullable<DraftBus> | undefined {
  const known = CDROM_BUSES.find((one) => one === bus);
  if (known === undefined)
    words.at(['cdrom'], `it is ${target} on ${bus ?? 'no bus'}; plow's is on sata or scsi`);
  const { cdromBus } = ARCHITECTURES[archCalled(facts.arch) ?? hostArch];
  return known === cdromBus ? undefined : known;
}

type DraftBus = Exclude<NonNullable<DraftValues['cdrom']>, string>['bus'];
