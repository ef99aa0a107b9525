/** What is filled into addresses and patterns of the catalog. */
export type Values = Readonly<Partial<Record<'arch' | 'version' | 'file' | 'url' | 'checksumUrl', string>>>;

const HOLE = /\{(?<key>arch|version|file|url|checksumUrl)\}/gu;

/** Fills an address. */
export function fill(template: string, values: Values): string {
  return template.replaceAll(HOLE, (hole, key: keyof Values) => values[key] ?? hole);
}

/** A pattern with values in it that stand for themselves. */
export function patternOf(template: string, values: Values): RegExp {
  const escaped = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      value.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`),
    ]),
  );
  return new RegExp(fill(template, escaped), 'gmu');
}

/** Last part of the path of a URL; empty where it has none. */
export function lastPart(url: string): string {
  const path = /^[a-z]+:\/\/[^/?#]*(?<path>[^?#]*)/iu.exec(url)?.groups?.['path'] ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
