import { CDROM_TARGET } from '../../config/values/media.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { Declared } from '../../libvirt-xml/metadata/declared.ts';
import type { Value } from '../show/details.ts';
import type { Verdict } from './words.ts';

/** What of a VM that runs can be changed under its guest. */
const LIVE: ReadonlySet<string> = new Set(['autostart', 'description']);
/** What an installed system does not survive. */
const REBUILD: ReadonlySet<string> = new Set(['firmware', 'arch', 'secure_boot']);
const SEED_TARGETS: ReadonlySet<string> = new Set(['sda', 'vdaa']);
const BOOT_TARGET = 'vda';

interface Wish {
  readonly what: string;
  /** As the file says it. */
  readonly file: Value;
  readonly stored: Value;
  /** The VM as it runs; undefined for one that is off, which takes all that is stored. */
  readonly running: DomainFacts | undefined;
  /** What its file says of all of it. */
  readonly wanted: Pick<Declared, 'interfaces' | 'provisioning'>;
}

/** What it takes to give a machine what its file says. */
export function verdictOn({ what, file, stored, running, wanted }: Wish): Verdict {
  const [kind = '', name = '', field] = what.split(' ');
  const atStart = running === undefined ? 'live' : 'reboot';
  if (kind === 'disk') {
    const isThere = running?.disks.some(({ target }) => target === name) === true;
    return field === 'io_limits' && isThere ? 'live' : verdictOnDisk(name, field, file, stored, atStart);
  }
  if (kind === 'interface') {
    if (field !== undefined || (file !== null && stored !== null)) return atStart;
    return file === null ? addressVerdict(wanted) : verdictOnNew(name, wanted, atStart);
  }
  if (REBUILD.has(what)) return 'rebuild';
  if (LIVE.has(what)) return 'live';
  if (what === 'vcpus' && running !== undefined && canBePlugged(Number(file), running)) return 'live';
  if (what === 'current_memory_kib' && running !== undefined && canGrow(Number(file), running)) return 'live';
  return atStart;
}

/** What it takes where the guest has to hear of its addresses: nothing where nothing sets it up. */
export function addressVerdict({ provisioning }: Pick<Declared, 'provisioning'>): Verdict {
  if (provisioning === undefined) return 'live';
  return provisioning.format === 'ignition' ? 'rebuild' : 'reseed';
}

/** No hook hears of a routed one that is plugged in, and nothing would route it. */
function verdictOnNew(mac: string, { interfaces }: Wish['wanted'], atStart: Verdict): Verdict {
  const isRouted = interfaces.some((one) => one.mac === mac && one.mode === 'ethernet');
  return isRouted ? atStart : 'live';
}

/** CPUs come to a guest that runs, and do not go. */
function canBePlugged(wanted: number, { vcpus, maximumVcpus }: DomainFacts): boolean {
  return wanted >= vcpus && wanted <= maximumVcpus;
}

/** Memory comes to a guest that runs, and goes with its consent only. */
function canGrow(wantedKib: number, { currentMemoryKib, memoryKib }: DomainFacts): boolean {
  return wantedKib >= currentMemoryKib && wantedKib <= memoryKib;
}

function verdictOnDisk(
  target: string,
  field: string | undefined,
  file: Value,
  stored: Value,
  atStart: Verdict,
): Verdict {
  // A drive is plugged in at a start; what is in it changes at any time.
  if (target === CDROM_TARGET) return file === null || stored === null ? atStart : 'live';
  if (field === undefined || field === 'format') {
    // The drive itself: what lies in it is looked at apart.
    if (SEED_TARGETS.has(target)) return 'refused';
    if (target === BOOT_TARGET) return 'rebuild';
    // What is on a disk is nobody's to throw away.
    return stored === null ? 'live' : 'refused';
  }
  if (field === 'size_bytes') return Number(file) > Number(stored) ? 'live' : 'refused';
  return atStart;
}
