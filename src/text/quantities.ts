/** Sizes and times for people. */

const KIB_PER_MIB = 1024;
const KIB_PER_GIB = 1024 * 1024;

/** `8 GiB`, `1.5 GiB`, `512 MiB`. */
export function memoryText(kib: number): string {
  if (kib >= KIB_PER_GIB) return `${Number((kib / KIB_PER_GIB).toFixed(1))} GiB`;
  return `${Math.round(kib / KIB_PER_MIB)} MiB`;
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `512 bytes`, `196 KiB`, `1.4 GiB`: three digits at most, and one behind the point. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded to 1024 is one of the next unit.
  for (; Number(value.toFixed(1)) >= 1024 && unit < BYTE_UNITS.length - 1; unit += 1) value /= 1024;
  return `${Number(value.toFixed(value < 100 ? 1 : 0))} ${BYTE_UNITS[unit]}`;
}

/** Longest first, in seconds. */
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** The two units that tell most: `3d 4h`, `5m 12s`; below a minute `7.3s`. */
export function durationText(exact: number): string {
  const seconds = Number(exact.toFixed(1));
  const largest = UNITS.findIndex(([, size]) => seconds >= size);
  if (largest === -1) return `${seconds}s`;
  const [[name, size] = ['s', 1], [nextName, nextSize] = ['s', 1]] = UNITS.slice(largest);
  const rest = Math.floor((seconds % size) / nextSize);
  return `${Math.floor(seconds / size)}${name}${rest === 0 ? '' : ` ${rest}${nextName}`}`;
}

/** `in 6d 23h`, or `expired`. @param iso a time in ISO 8601 */
export function timeLeftText(iso: string | undefined, now: Date): string | undefined {
  if (iso === undefined) return undefined;
  const seconds = Math.floor((Date.parse(iso) - now.getTime()) / 1000);
  return seconds > 0 ? `in ${durationText(seconds)}` : 'expired';
}

/** `3d 4h ago`; of what is not known, or lies in the future, that it is not known. */
export function agoText(milliseconds: number): string {
  return milliseconds >= 0 ? `${durationText(Math.round(milliseconds / 1000))} ago` : 'at an unknown time';
}

const SPANS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** `3 days ago`. @param iso a time in ISO 8601; one that cannot be read is shown as it is */
export function ageText(iso: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return iso;
  if (seconds < 0) return 'in the future';
  const span = SPANS.find(([, size]) => seconds >= size);
  if (span === undefined) return 'just now';
  const count = Math.floor(seconds / span[1]);
  return `${count} ${span[0]}${count === 1 ? '' : 's'} ago`;
}
