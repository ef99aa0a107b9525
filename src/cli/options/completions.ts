import type { Argument, Option } from 'commander';

/** What may stand in the place of an option's value or of an argument, besides its choices. */
export type Completer =
  | {
      readonly kind: 'words';
      readonly words: () => readonly Candidate[] | Promise<readonly Candidate[]>;
      readonly isList?: boolean;
    }
  | { readonly kind: 'files'; readonly endings: readonly string[] }
  | { readonly kind: 'directories' }
  | { readonly kind: 'vms' };

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

const completers = new WeakMap<Option | Argument, Completer>();

/** Tells completion what an option or an argument takes. @returns the same option or argument */
export function completes<T extends Option | Argument>(place: T, completer: Completer): T {
  completers.set(place, completer);
  return place;
}

export function completerOf(place: Option | Argument): Completer | undefined {
  return completers.get(place);
}

export const YAML_FILES: Completer = { kind: 'files', endings: ['yaml', 'yml'] };
