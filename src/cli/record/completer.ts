import type { ProgramRecord } from './command.ts';

/** What may stand in the place of an option's value or of an argument, besides its choices. */
export type Completer =
  | {
      readonly kind: 'words';
      readonly words: (program: ProgramRecord) => readonly Candidate[] | Promise<readonly Candidate[]>;
      readonly isList?: boolean;
    }
  | { readonly kind: 'files'; readonly endings: readonly string[] }
  | { readonly kind: 'directories' }
  | { readonly kind: 'vms' };

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

export const YAML_FILES: Completer = { kind: 'files', endings: ['yaml', 'yml'] };
