import type { LocalFacts } from '../hypervisor/local.ts';
import type { LibvirtPlaces } from '../hypervisor/places.ts';

/** The kernel counts a process's start in these, whatever its own clock does (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Of proc(5)'s stat, counted behind the name of the program, which may have blanks in it. */
const START_FIELD = 19;

/**
 * When the QEMU of a domain was started, in ISO 8601 to the second. libvirt does not tell it, but the machine
 * that it runs on does; undefined where that cannot be read.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export async function qemuStart(
  local: LocalFacts,
  places: LibvirtPlaces | undefined,
  { name, uuid }: { readonly name: string; readonly uuid: string },
): Promise<string | undefined> {
  if (places === undefined) return undefined;
  const pid = Number.parseInt((await local.read(`${places.pidFiles}/${name}.pid`)) ?? '', 10);
  if (!(pid > 0)) return undefined;
  // The file may be of a QEMU that is long gone, and the process somebody else's.
  const command = await local.read(`/proc/${pid}/cmdline`);
  if (command?.includes(uuid) !== true) return undefined;
  const status = (await local.read(`/proc/${pid}/stat`)) ?? '';
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[START_FIELD] ?? Number.NaN);
  const boot = /^btime (?<seconds>\d+)$/mu.exec((await local.read('/proc/stat')) ?? '')?.groups;
  const seconds = Number(boot?.['seconds'] ?? Number.NaN) + Math.floor(ticks / TICKS_PER_SECOND);
  return Number.isNaN(seconds) ? undefined : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
