/** Looking into a value of a file before it is known to be right. */

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(map: unknown, key: string): unknown {
  return isMap(map) && Object.hasOwn(map, key) ? map[key] : undefined;
}

export function listAt(map: unknown, key: string): readonly unknown[] {
  const value = valueAt(map, key);
  return Array.isArray(value) ? value : [];
}
