import type { DomainFacts } from '../../../libvirt-xml/domain/read.ts';
import type { Declared } from '../../../libvirt-xml/metadata/declared.ts';
import type { Value, VmDetails } from '../details.ts';

/**
 * One thing that show tells: of a VM, of a disk of it, or of an interface. All that is told of it comes from
 * here.
 */
export interface Field<Shown, Made, Compares> {
  /** In documents, and the last word of a difference. */
  readonly key: string;
  /** As it is, for programs. */
  readonly json?: Json<Shown>;
  /** As it is, for people. */
  readonly lines?: (shown: Shown, around: Around) => readonly Line[];
  /** As plow made it, for programs. */
  readonly declared?: Json<Made>;
  /** The same for people: of a VM. */
  readonly declaredLines?: (made: Made) => readonly Line[];
  /** The same for people: of a disk or an interface, which has one line. */
  readonly declaredWords?: (made: Made) => string | undefined;
  /** As plow made it, as it is stored, as it runs; undefined where there is nothing to compare. */
  readonly compare?: (sides: Compares) => Compared | undefined;
  /** In a difference, for people; else the key. */
  readonly word?: string;
  /** Of numbers in a difference. */
  readonly unit?: 'KiB' | 'bytes';
}

/** What the words for a value depend on besides. */
export interface Around {
  readonly details: VmDetails;
  readonly now: Date;
}

/** A text that is undefined is left out. */
export type Line = readonly [title: string, text: string | undefined];

interface Types {
  readonly string: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly strings: readonly string[];
}

/** What a document may hold under a key. */
export interface Shape {
  /**
   * `state`, `addresses`: as in the documents of list. A list of texts: one of them. `value`: a text, a
   * number, yes or no.
   */
  readonly type:
    | keyof Types
    | 'state'
    | 'addresses'
    | 'value'
    | readonly string[]
    | { readonly parts: readonly Part[] }
    | { readonly each: readonly Part[] };
  readonly orNull: boolean;
  readonly about: string | undefined;
}

export interface Part {
  readonly key: string;
  readonly shape: Shape;
}

/** @param Of what it is read from */
export interface Json<Of> {
  readonly shape: Shape;
  readonly value: (of: Of) => unknown;
}

/** A value that is always there. */
export function json<Of, Name extends keyof Types>(
  type: Name,
  value: (of: Of) => Types[Name],
  about?: string,
): Json<Of> {
  return { shape: { type, orNull: false, about }, value };
}

/** Null where it is undefined. */
export function jsonOrNull<Of, Name extends keyof Types>(
  type: Name,
  value: (of: Of) => Types[Name] | null | undefined,
  about?: string,
): Json<Of> {
  return { shape: { type, orNull: true, about }, value };
}

export function oneOf<Of>(type: readonly string[], value: (of: Of) => string): Json<Of> {
  return { shape: { type, orNull: false, about: undefined }, value };
}

/** An object in the document. */
export function parts<Of, Inner>(all: readonly Key<Inner>[], value: (of: Of) => Inner): Json<Of> {
  return {
    shape: { type: { parts: partsOf(all) }, orNull: false, about: undefined },
    value: within(all, value),
  };
}

export function partsOrNull<Of, Inner>(
  all: readonly Key<Inner>[],
  value: (of: Of) => Inner | undefined,
  about?: string,
): Json<Of> {
  return { shape: { type: { parts: partsOf(all) }, orNull: true, about }, value: within(all, value) };
}

/** A list of objects. */
export function each<Of, Inner>(
  all: readonly Key<Inner>[],
  value: (of: Of) => readonly Inner[],
  about?: string,
): Json<Of> {
  return {
    shape: { type: { each: partsOf(all) }, orNull: false, about },
    value: (of) => value(of).map((one) => entryOf(all, one)),
  };
}

/** A key of a document, and what stands there. */
export interface Key<Of> {
  readonly key: string;
  readonly json?: Json<Of>;
}

/** What a document holds under such keys. */
export function partsOf(all: readonly Key<never>[]): readonly Part[] {
  return all.flatMap(({ key, json: written }) =>
    written === undefined ? [] : [{ key, shape: written.shape }],
  );
}

function within<Of, Inner>(all: readonly Key<Inner>[], value: (of: Of) => Inner | undefined) {
  return (of: Of): unknown => {
    const inner = value(of);
    return inner === undefined ? undefined : entryOf(all, inner);
  };
}

/** An object of a document. */
export function entryOf<Of>(all: readonly Key<Of>[], of: Of): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    all.flatMap(({ key, json: written }) =>
      written === undefined ? [] : [[key, written.value(of) ?? null]],
    ),
  );
}

/** The keys of what plow made. */
export function declaredKeys<Made>(fields: readonly Field<never, Made, never>[]): readonly Key<Made>[] {
  return fields.flatMap(({ key, declared }) => (declared === undefined ? [] : [{ key, json: declared }]));
}

/** Those that are named first, in that order; then the others, as they come. */
export function ordered<One extends { readonly key: string }>(
  fields: readonly One[],
  first: readonly string[],
): readonly One[] {
  const rank = ({ key }: One): number => (first.includes(key) ? first.indexOf(key) : first.length);
  return fields.toSorted((one, other) => rank(one) - rank(other));
}

export interface Compared {
  readonly declared?: Value | undefined;
  readonly stored: Value;
  readonly live?: Value | undefined;
  /**
   * Where different values may mean the same.
   * @param later what is stored
   * @param earlier what runs or was declared
   */
  readonly isSame?: ((later: Value, earlier: Value) => boolean) | undefined;
}

/** One thing from its three sides. */
export interface Sides<Facts, Made> {
  /** Undefined where plow has not made it. */
  readonly made: Made | undefined;
  readonly stored: Facts;
  /** Undefined where it does not run. */
  readonly live: Facts | undefined;
}

export interface VmSides extends Sides<DomainFacts, Declared> {
  /** In which plow made it. */
  readonly directory: string | undefined;
  readonly autostart: boolean;
}

export type VmField = Field<VmDetails, Declared, VmSides>;

/** @param made undefined: plow said nothing about it; null: there was to be none */
export function compared<Facts, Made>(
  fact: (facts: Facts) => Value | undefined,
  declared: (made: Made) => Value | undefined,
  isSame?: Compared['isSame'],
): (sides: Sides<Facts, Made>) => Compared {
  return ({ made, stored, live }) => ({
    declared: made && declared(made),
    stored: fact(stored) ?? null,
    live: live && (fact(live) ?? null),
    isSame,
  });
}

export function words(...all: readonly (string | undefined)[]): string {
  return all.filter((one) => one !== undefined).join(', ');
}
