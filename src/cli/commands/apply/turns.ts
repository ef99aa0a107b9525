import { printable } from '../../../text/printable.ts';
import { wavesOf } from '../../../vm/fleet/waves.ts';
import { isDisturbed } from '../../../vm/fleet/plan.ts';
import type { Planned } from './compare.ts';

/** When something is done with a VM. */
export interface Turn {
  /** From 1 on; undefined: nothing is done with it. */
  readonly wave: number | undefined;
  readonly isCanary: boolean;
}

export type Turns = ReadonlyMap<Planned, Turn>;

/** @param canary how many VMs come before all others; undefined: none */
export function turnsOf(all: readonly Planned[], canary = 0): Turns {
  const waves = wavesOf(
    all.map(({ plan, subject, loaded }) => ({
      host: subject.host,
      group: loaded.machine.group,
      isDone: plan?.action === 'create' || plan?.action === 'change',
      isDown: plan !== undefined && isDisturbed(plan),
    })),
    canary,
  );
  let left = canary;
  return new Map(
    all.map((one, index) => {
      const wave = waves[index];
      return [one, { wave, isCanary: wave !== undefined && (left -= 1) >= 0 }];
    }),
  );
}

/** In which order it is done, where there is one: a line for each wave. */
export function turnLines(turns: Turns): readonly string[] {
  const waves: string[][] = [];
  for (const [one, { wave }] of turns) if (wave !== undefined) (waves[wave] ??= []).push(labelOf(one));
  // There is no wave 0.
  return waves.length <= 2
    ? []
    : waves.flatMap((names, wave) => [printable(`wave ${wave}: ${names.join(', ')}`)]);
}

/** `web`, and of one of several hosts `hv2:web`. */
export function labelOf({ subject: { name, host } }: Pick<Planned, 'subject'>): string {
  return host === undefined ? name : `${host}:${name}`;
}

/** What failed, and what is not begun any more for that. */
export class Failures {
  readonly #isCanary: boolean;
  readonly #ofGroup = new Map<string, string>();
  readonly #notBegun = new Map<string, string[]>();
  #first: string | undefined;

  /** @param isCanary the first failure is the end of all */
  constructor(isCanary: boolean) {
    this.#isCanary = isCanary;
  }

  /** @param label of a VM, or what else there is to name, such as a host */
  add(label: string, group: string | undefined): void {
    this.#first ??= label;
    if (group !== undefined && !this.#ofGroup.has(group)) this.#ofGroup.set(group, label);
  }

  isEnough(): boolean {
    return this.#isCanary && this.#first !== undefined;
  }

  /** Whether a VM is left as it is: it would be down beside one of its group that did not come back. */
  keeps({ plan, loaded }: Planned): boolean {
    const { group } = loaded.machine;
    const isDown = plan !== undefined && isDisturbed(plan);
    return this.isEnough() || (isDown && group !== undefined && this.#ofGroup.has(group));
  }

  /** @param group as its file says it */
  leave(label: string, group: string | undefined): void {
    const why = this.#isCanary ? this.#first : this.#ofGroup.get(group ?? '');
    if (why === undefined) return;
    const words = this.#isCanary ? `'${why}' failed` : `'${why}' of the same group failed`;
    this.#notBegun.set(words, [...(this.#notBegun.get(words) ?? []), label]);
  }

  /** What was not done, and why. */
  lines(): readonly string[] {
    return [...this.#notBegun].map(([why, names]) => printable(`not begun, as ${why}: ${names.join(', ')}`));
  }
}
