/** What of a VM says when its turn is. */
export interface InTurn {
  readonly host: string | undefined;
  /** As its file says it. */
  readonly group: string | undefined;
  /** Whether anything is done with it at all. */
  readonly isDone: boolean;
  /** Whether that takes it down for a while. */
  readonly isDown: boolean;
}

/**
 * In which wave the turn of each VM is, from 1 on; undefined for those with which nothing is done. No two of
 * one group are taken down in one wave, and where there are canaries no two of one host.
 * @param canaries how many come first, in their order: the others have waves of their own after them
 */
export function wavesOf(vms: readonly InTurn[], canaries: number): readonly (number | undefined)[] {
  const waves: (number | undefined)[] = vms.map(() => undefined);
  const done = [...vms.keys()].filter((index) => vms[index]?.isDone === true);
  let last = 0;
  for (const part of [done.slice(0, canaries), done.slice(canaries)]) {
    const taken: Set<string>[] = [];
    for (const index of part) {
      const marks = marksOf(vms[index], canaries > 0);
      const found = taken.findIndex((one) => marks.every((mark) => !one.has(mark)));
      const wave = found === -1 ? taken.length : found;
      taken[wave] = new Set([...(taken[wave] ?? []), ...marks]);
      waves[index] = last + wave + 1;
    }
    last += taken.length;
  }
  return waves;
}

/** What no other one of its wave may have. */
function marksOf(vm: InTurn | undefined, isByHost: boolean): readonly string[] {
  if (vm?.isDown !== true) return [];
  return [
    ...(vm.group === undefined ? [] : [`group ${vm.group}`]),
    ...(isByHost ? [`host ${vm.host ?? ''}`] : []),
  ];
}
