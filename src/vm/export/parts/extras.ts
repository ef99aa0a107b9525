import type { DraftValues } from '../../../config/draft/draft.ts';
import { IO_LIMITS, ioLimitsText, ioThreadOf } from '../../../config/machine/extras.ts';
import type { Extras, FwCfgFile, IoLimits, Watchdog } from '../../../config/machine/extras.ts';
import type { ConfigPath } from '../../../config/machine.ts';
import { fwCfgFileMistake, fwCfgNameMistake } from '../../../config/values/extras.ts';
import { sharesText } from '../../../config/machine/share.ts';
import type { Share } from '../../../config/machine/share.ts';
import { shareDirectoryMistake, shareTagMistake } from '../../../config/values/devices/shares.ts';
import { takesThread } from '../../../libvirt-xml/domain/devices/disk.ts';
import type { DiskFacts } from '../../../libvirt-xml/domain/devices/disk.ts';
import type { Evidence } from '../evidence.ts';
import { Words } from '../piece.ts';
import type { Piece } from '../piece.ts';

/** What few VMs have. */
export function extrasPiece(evidence: Evidence): Piece {
  const { facts, metadata } = evidence;
  const { extras } = facts;
  const words = new Words();
  const made: Partial<Extras> = metadata?.declared ?? {};
  words.changed(['tpm'], extras.hasTpm, made.hasTpm);
  words.changed(['secure_boot'], extras.hasSecureBoot, made.hasSecureBoot);
  if (extras.hasSecureBoot && extras.areKeysEnrolled !== true)
    words.at(['secure_boot'], 'its firmware may have no keys yet; plow asks for one with those of its maker');
  if (metadata !== undefined)
    words.changed(['watchdog'], watchdogText(extras.watchdog), watchdogText(made.watchdog));
  tellThreads(evidence, words);
  if (metadata !== undefined)
    words.changed(['shares'], sharesText(extras.shares) ?? 'none', sharesText(made.shares ?? []) ?? 'none');
  const values: DraftValues = {
    tpm: extras.hasTpm,
    secure_boot: extras.hasSecureBoot,
    watchdog: watchdogOf(extras.watchdog),
    iothreads: extras.ioThreads,
    fw_cfg: fwCfg(extras.fwCfg, words),
    shares: sharesOf(extras.shares, words),
  };
  return { values, remarks: words.remarks, rest: words.rest };
}

function watchdogText(watchdog: Watchdog | undefined): string {
  return watchdog === undefined ? 'none' : `${watchdog.model}, ${watchdog.action}`;
}

/** In one word where it is the usual one. */
function watchdogOf(watchdog: Watchdog | undefined): DraftValues['watchdog'] {
  return watchdog?.model === 'i6300esb' ? watchdog.action : watchdog;
}

function fwCfg(files: readonly FwCfgFile[], words: Words): DraftValues['fw_cfg'] {
  return files.filter(({ name, file }) => {
    const mistake = fwCfgNameMistake(name) ?? fwCfgFileMistake(file);
    if (mistake !== undefined) words.rest.push(`fw_cfg ${name} from ${file}: ${mistake}`);
    return mistake === undefined;
  });
}

/** Which a VM file can say of them. */
function sharesOf(shares: readonly Share[], words: Words): DraftValues['shares'] {
  return shares.flatMap(({ source, tag, isReadOnly }) => {
    const mistake = shareDirectoryMistake(source) ?? shareTagMistake(tag);
    if (mistake !== undefined) {
      words.rest.push(`share ${tag} of ${source}: ${mistake}`);
      return [];
    }
    return [{ source, tag, ...(isReadOnly ? { read_only: true } : {}) }];
  });
}

/** plow has the disks take the threads in turn. */
function tellThreads({ facts, metadata }: Evidence, words: Words): void {
  const { ioThreads } = facts.extras;
  if (metadata !== undefined) words.changed(['iothreads'], ioThreads ?? 0, metadata.declared.ioThreads ?? 0);
  const disks = facts.disks.filter(takesThread);
  for (const [index, { target, ioThread }] of disks.entries()) {
    const usual = ioThreadOf(index, ioThreads);
    if (ioThread !== usual)
      words.at(
        ['iothreads'],
        `${target} is served by ${thread(ioThread)}; plow would have it by ${thread(usual)}`,
      );
  }
}

function thread(number: number | undefined): string {
  return number === undefined ? 'the main thread' : `thread ${number}`;
}

type Limits = NonNullable<DraftValues['boot_disk']>['io_limits'];

/** Of a disk; bytes are rounded up to whole MiB. */
export function ioLimitsOf(
  { target, ioLimits }: DiskFacts,
  path: ConfigPath,
  made: { readonly ioLimits: IoLimits | undefined } | undefined,
  words: Words,
): Limits {
  const at = [...path, 'io_limits'];
  if (made !== undefined)
    words.changed(at, ioLimitsText(ioLimits) ?? 'none', ioLimitsText(made.ioLimits) ?? 'none');
  if (ioLimits === undefined) return undefined;
  const entries = IO_LIMITS.flatMap(({ field, key }) => {
    const most = ioLimits[field];
    if (most === undefined) return [];
    if (!Number.isInteger(most)) words.at(at, `${key}: ${target} has ${most} MiB`);
    return [[key, Math.ceil(most)] as const];
  });
  return Object.fromEntries(entries);
}
