import { isMap } from '../../config/yaml/raw-value.ts';

/** Makes something of a value; undefined where it is not understood. */
export type Reader<T> = (value: unknown) => T | undefined;

/** A map of a foreign document that is read key by key: what is left unread, or not understood, is named. */
export class Reading {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #unread: string[];
  readonly #taken = new Set<string>();

  /** @param unread gets the paths of what nobody takes */
  constructor(value: unknown, path: string, unread: string[]) {
    this.#values = isMap(value) ? value : {};
    this.#path = path;
    this.#unread = unread;
    if (!isMap(value) && value !== null && value !== undefined) unread.push(path);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  /** Whether a key has such a value. Does not take it. */
  is(key: string, isMeant: (value: unknown) => boolean): boolean {
    return this.has(key) && isMeant(this.#values[key]);
  }

  /** Keys that nobody has taken yet. */
  keys(): readonly string[] {
    return Object.keys(this.#values).filter((key) => !this.#taken.has(key));
  }

  /** What `read` makes of the value of a key; undefined where there is none. */
  take<T>(key: string, read: Reader<T>): T | undefined {
    if (!this.has(key)) return undefined;
    this.#taken.add(key);
    const value = this.#values[key];
    const result = read(value);
    if (result === undefined && value !== null) this.#unread.push(this.at(key));
    return result;
  }

  /**
   * What `read` makes of the items of a list, each of which it may not understand. A value that is no list
   * counts as one item.
   */
  takeItems<T>(key: string, read: (item: unknown, path: string) => T | undefined): readonly T[] {
    if (!this.has(key)) return [];
    this.#taken.add(key);
    const value = this.#values[key];
    const items: readonly unknown[] = Array.isArray(value) ? value : value === null ? [] : [value];
    return items.flatMap((item, index) => {
      const path = `${this.at(key)}[${index}]`;
      const result = read(item, path);
      if (result === undefined) this.#unread.push(path);
      return result === undefined ? [] : [result];
    });
  }

  /** A map below a key. */
  inside(key: string): Reading {
    this.#taken.add(key);
    return new Reading(this.#values[key], this.at(key), this.#unread);
  }

  /** Takes a key that says nothing, or only what plow does anyway. */
  skip(key: string, isMeant: (value: unknown) => boolean = () => true): void {
    this.take(key, (value) => (isMeant(value) ? true : undefined));
  }

  /** Names what nobody took. */
  end(): void {
    this.#unread.push(...this.keys().map((key) => this.at(key)));
  }

  at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}

/** A text that a rule of the configuration lets pass. */
export function text(mistake: (text: string) => string | undefined = () => undefined): Reader<string> {
  return (value) => (typeof value === 'string' && mistake(value) === undefined ? value : undefined);
}

/** cloud-init takes words as well. */
export function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  return ['false', 'no', 'off', '0'].includes(word) ? false : undefined;
}

export function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,9}$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
