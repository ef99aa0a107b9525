/** A version, and what else its match says. */
export interface FoundVersion {
  readonly version: string | undefined;
  /** All that matched. */
  readonly match: string;
}

/** Which of two versions is newer: numbers by their value, all else as text. */
export function compareVersions(one: string, other: string): number {
  const [own, others] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < Math.max(own.length, others.length); index += 1) {
    const found = comparePart(own[index], others[index]);
    if (found !== 0) return found;
  }
  return 0;
}

/** A build that its publisher numbers, such as `20260712-2537`; digits of a digest are none. */
const BUILD = /^\d[\d.-]*$/u;

/** As compareVersions, of builds; 0 where nobody numbers them. */
export function compareBuilds(one: string, other: string): number {
  return BUILD.test(one) && BUILD.test(other) ? compareVersions(one, other) : 0;
}

/** The newest of all that a pattern finds in a text; its group `version`, with `release` behind. */
export function newestIn(text: string, pattern: RegExp): FoundVersion | undefined {
  const found = [...text.matchAll(pattern)].map((match): FoundVersion => {
    const { version, release } = match.groups ?? {};
    return { match: match[0], version: release === undefined ? version : `${version}-${release}` };
  });
  return found.toSorted((one, other) => compareVersions(one.version ?? '', other.version ?? '')).at(-1);
}

function partsOf(version: string): readonly string[] {
  return version.match(/\d+|[a-z]+/giu) ?? [];
}

function comparePart(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined)
    return Number(one !== undefined) - Number(other !== undefined);
  const [value, otherValue] = [Number(one), Number(other)];
  if (!Number.isNaN(value) && !Number.isNaN(otherValue)) return Math.sign(value - otherValue);
  return one < other ? -1 : Number(one > other);
}
