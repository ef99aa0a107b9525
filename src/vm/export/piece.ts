import type { DraftValues, Remark } from '../../config/draft/draft.ts';
import type { ConfigPath } from '../../config/machine.ts';

/** A part of a draft. */
export interface Piece {
  readonly values: DraftValues;
  readonly remarks: readonly Remark[];
  readonly rest: readonly string[];
}

/** Collects what is to be said beside the values. */
export class Words {
  readonly remarks: Remark[] = [];
  readonly rest: string[] = [];

  at(path: ConfigPath, text: string): void {
    this.remarks.push({ path, text });
  }

  /** What the VM is now wins over what plow made; that is told. */
  changed<T extends string | number | boolean>(
    path: ConfigPath,
    now: T | undefined,
    made: T | undefined,
  ): void {
    if (made !== undefined && made !== now) this.at(path, `it was ${String(made)} when plow made the VM`);
  }
}
