import type { LocalFacts } from '../../hypervisor/local.ts';
import type { LibvirtPlaces } from '../../hypervisor/places.ts';

/** virtlogd begins a new file at 2 MiB; without it nobody does. */
const MOST_BYTES = 8 * 2 ** 20;
const START = ': starting up libvirt version';
const STOP =
  /^(?<day>\d{4}-\d\d-\d\d) (?<time>\d\d:\d\d:\d\d)\.\d+\+0000: shutting down, reason=(?<reason>.*)$/gmu;

/**
 * When the last QEMU of a domain that is off was stopped, in ISO 8601 to the second; undefined where the log
 * does not tell. The log is called after the domain: another one may have had the name before.
 * @param reason why it is off, in the words of libvirt; undefined where it has forgotten
 */
export async function qemuStop(
  local: LocalFacts,
  places: LibvirtPlaces | undefined,
  { name, uuid }: { readonly name: string; readonly uuid: string },
  reason: string | undefined,
): Promise<string | undefined> {
  if (places === undefined) return undefined;
  const path = `${places.logs}/${name}.log`;
  const entry = await local.look(path);
  if (typeof entry === 'string' || entry.bytes > MOST_BYTES) return undefined;
  const log = (await local.read(path)) ?? '';
  const lastRun = log.slice(Math.max(0, log.lastIndexOf(START)));
  if (!lastRun.includes(`-uuid ${uuid}`)) return undefined;
  const stop = [...lastRun.matchAll(STOP)].at(-1)?.groups;
  if (stop === undefined || (reason !== undefined && reason !== stop['reason'])) return undefined;
  return `${stop['day']}T${stop['time']}Z`;
}
