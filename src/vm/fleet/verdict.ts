import { CDROM_TARGET } from '../../config/values/media.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { Value } from '../show/details.ts';
import type { Verdict } from './words.ts';

/** What of a VM that runs can be changed under its guest. */
const LIVE: ReadonlySet<string> = new Set(['autostart', 'description', 'current_memory_kib']);
/** What an installed system does not survive. */
const REBUILD: ReadonlySet<string> = new Set(['firmware', 'arch']);
const SEED_TARGETS: ReadonlySet<string> = new Set(['sda', 'vdaa']);
const BOOT_TARGET = 'vda';

interface Wish {
  readonly what: string;
  /** As the file says it. */
  readonly file: Value;
  readonly stored: Value;
  /** The VM as it runs; undefined for one that is off, which takes all that is stored. */
  readonly running: DomainFacts | undefined;
}

/** What it takes to give a machine what its file says. */
export function verdictOn({ what, file, stored, running }: Wish): Verdict {
  const [kind = '', name = '', field] = what.split(' ');
  const atStart = running === undefined ? 'live' : 'reboot';
  if (kind === 'disk') return verdictOnDisk(name, field, file, stored, atStart);
  if (kind === 'interface') return field === undefined ? 'live' : atStart;
  if (REBUILD.has(what)) return 'rebuild';
  if (LIVE.has(what)) return 'live';
  if (what === 'vcpus' && running !== undefined && canBePlugged(Number(file), running)) return 'live';
  return atStart;
}

/** CPUs come to a guest that runs, and do not go. */
function canBePlugged(wanted: number, { vcpus, maximumVcpus }: DomainFacts): boolean {
  return wanted >= vcpus && wanted <= maximumVcpus;
}

function verdictOnDisk(
  target: string,
  field: string | undefined,
  file: Value,
  stored: Value,
  atStart: Verdict,
): Verdict {
  if (target === CDROM_TARGET) return 'live';
  if (field === undefined || field === 'format') {
    if (SEED_TARGETS.has(target)) return 'reseed';
    if (target === BOOT_TARGET) return 'rebuild';
    // What is on a disk is nobody's to throw away.
    return stored === null ? 'live' : 'refused';
  }
  if (field === 'size_bytes') return Number(file) > Number(stored) ? 'live' : 'refused';
  return field === 'io_limits' ? 'live' : atStart;
}
