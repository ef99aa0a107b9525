import { jsonDocument } from '../../../documents/json-text.ts';
import { applyDocument } from '../../../views/apply/document.ts';
import type { Applied } from '../../../views/apply/document.ts';
import { planLines, planSummary, surplusLine } from '../../../views/apply/text.ts';
import type { PlanCounts } from '../../../views/apply/text.ts';
import { isDisturbed } from '../../../vm/fleet/plan.ts';
import type { Environment } from '../../environment.ts';
import type { Planned } from './compare.ts';
import type { ApplyOptions } from './options.ts';
import { going, prunedName } from './pruned.ts';
import type { Pruned } from './pruned.ts';
import { turnLines } from './turns.ts';
import type { Turns } from './turns.ts';

/** Tells what is planned, and what became of it. */
export class Teller {
  readonly #format: ApplyOptions['format'];
  readonly #output: Environment['output'];
  readonly #told = new Set<Planned | Pruned>();

  constructor({ format }: ApplyOptions, { output }: Environment) {
    this.#format = format;
    this.#output = output;
  }

  /** Before anything is done. */
  plan(all: readonly Planned[], pruned: readonly Pruned[], turns: Turns): void {
    if (this.#format !== 'text') return;
    for (const { subject, plan } of all)
      if (plan !== undefined) for (const line of planLines(subject, plan)) this.#output.print(line);
    for (const { surplus, host } of pruned) this.#output.print(surplusLine(surplus, host));
    for (const line of turnLines(turns)) this.#output.print(line);
    this.#output.say(planSummary(countsOf(all, pruned)));
  }

  /** What came of a VM; of each once. */
  result(planned: Planned, applied: Partial<Applied> & Pick<Applied, 'status'>): void {
    if (this.#told.has(planned)) return;
    this.#told.add(planned);
    if (this.#format !== 'json') return;
    const { subject, plan } = planned;
    const whole = { uuid: plan?.diff.uuid, notes: [], error: undefined, wave: undefined, ...applied };
    this.#output.print(jsonDocument(applyDocument(subject, plan, whole), 'line'));
  }

  /** The same of a VM that has no file any more. */
  pruned(one: Pruned, applied: Partial<Applied> & Pick<Applied, 'status'>): void {
    if (this.#told.has(one)) return;
    this.#told.add(one);
    if (this.#format !== 'json') return;
    const { surplus, host } = one;
    const { name, uuid } = surplus;
    const document = applyDocument({ file: null, name, host }, undefined, {
      uuid,
      notes: [],
      error: undefined,
      wave: undefined,
      ...applied,
    });
    this.#output.print(jsonDocument(document, 'line'));
  }
}

export function countsOf(all: readonly Planned[], pruned: readonly Pruned[]): PlanCounts {
  const count = (isIt: (planned: Planned) => boolean): number => all.filter(isIt).length;
  const created = count(({ plan }) => plan?.action === 'create');
  const changed = count(({ plan }) => plan?.action === 'change');
  const refused = count(({ plan }) => plan === undefined || plan.action === 'refused');
  return {
    created,
    changed,
    restarted: count(({ plan }) => plan !== undefined && isDisturbed(plan)),
    destroyed: going(pruned).map(prunedName),
    same: all.length - created - changed - refused,
    refused,
  };
}
