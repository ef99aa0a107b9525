import { ALL_CASES } from './tally.ts';

/** A call of a workflow: which one, counted from 0, and its name. */
type Call = readonly [at: number, name: string];

/** Calls that change something: before the next one of them all is as it was after the last. */
export const CHANGES =
  /^vir(?:Stream\w+|Storage(?:Vol(?:CreateXML(?:From)?|Upload|Delete|Resize)|Pool(?:Create|Define|Destroy|Delete|Undefine)\w*)|Domain(?:Create|Define\w*|Set\w+|Shutdown\w*|Destroy\w*|Undefine\w*|Suspend|Resume|PMWakeup|BlockResize|AttachDeviceFlags|DetachDeviceFlags|UpdateDeviceFlags|Snapshot(?:CreateXML|Delete)))$/u;

/**
 * The calls that matrices of one kind have tried. Variants share most of theirs, and a call that is made five
 * times is the same call: a sample takes the first and the last of each name once, all cases are for the
 * nightly run.
 */
export class Tried {
  readonly #keys = new Set<string>();
  readonly #of: RegExp;

  /** @param of names of calls that a sample is taken from */
  constructor(of = /./u) {
    this.#of = of;
  }

  /** Those that were not tried yet, which are from now on. */
  newOf(calls: readonly Call[]): readonly Call[] {
    if (ALL_CASES) return calls;
    const names = calls.map(([, name]) => name);
    return calls.filter(([, name], index) => {
      if (!this.#of.test(name)) return false;
      const isFirst = names.indexOf(name) === index;
      const isLast = names.lastIndexOf(name) === index;
      return (isFirst && this.#isNew(`first ${name}`)) || (isLast && !isFirst && this.#isNew(`last ${name}`));
    });
  }

  #isNew(key: string): boolean {
    const before = this.#keys.size;
    return this.#keys.add(key).size > before;
  }
}
