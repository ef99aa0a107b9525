import { quote } from '../../text/quote.ts';

/** In minutes, longest first. */
const UNITS: Readonly<Record<string, number>> = { w: 10_080, d: 1440, h: 60, m: 1 };
const LIFETIME = /^(?<count>\d{1,7})(?<unit>[mhdw])$/u;
/** Ten years: a slip of the finger is told from a wish. */
const MOST_MINUTES = 3653 * 1440;

/** Minutes of `45m`, `12h`, `7d` or `2w`; undefined for anything else, 0, and more than ten years. */
export function lifetimeMinutes(text: string): number | undefined {
  const { count, unit = '' } = LIFETIME.exec(text)?.groups ?? {};
  const minutes = Number(count) * (UNITS[unit] ?? Number.NaN);
  return minutes >= 1 && minutes <= MOST_MINUTES ? minutes : undefined;
}

/** Why a text is not how long a VM may live, or undefined if it is. */
export function lifetimeMistake(text: string): string | undefined {
  return lifetimeMinutes(text) === undefined
    ? `must be a number and m, h, d or w, such as 12h or 7d, and at most ten years, got ${quote(text)}`
    : undefined;
}

/** `7d` of 10080, as it may be written in a file; undefined for what no file can say. */
export function lifetimeText(minutes: number): string | undefined {
  const [unit, size] =
    [['d', 1440] as const, ['h', 60] as const].find(([, one]) => minutes % one === 0) ?? (['m', 1] as const);
  const text = `${minutes / size}${unit}`;
  return lifetimeMinutes(text) === minutes ? text : undefined;
}
