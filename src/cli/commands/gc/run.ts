import { jsonDocument } from '../../../documents/json-text.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { failureLines } from '../../../views/failure/text.ts';
import {
  garbageLines,
  gcDocument,
  isInPart,
  outcomeLines,
  outcomeOf,
  summaryOf,
  things,
} from '../../../views/gc/lines.ts';
import type { Outcome } from '../../../views/gc/lines.ts';
import type { VmContext } from '../../../vm/context.ts';
import { findGarbage } from '../../../vm/gc/find.ts';
import type { GcOptions } from '../../../vm/gc/find.ts';
import type { Garbage } from '../../../vm/gc/garbage.ts';
import { removeGarbage } from '../../../vm/gc/remove.ts';
import type { Environment } from '../../environment.ts';
import { confirmed } from '../../run/confirmed.ts';
import { runReport } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { verdictOf } from './verdict.ts';

interface Wish extends GcOptions {
  readonly removes: boolean;
  /** Yes to what would be asked. */
  readonly isSure: boolean;
  readonly isJson: boolean;
}

/** `plow gc` @throws PlowError, Interrupted */
export async function runGc(wish: Wish, settings: Settings, environment: Environment): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, 'stopping here', async (context) => {
    const all = await findGarbage(wish, context);
    const going = wish.removes ? all.filter(({ fate }) => 'remove' in fate) : [];
    for (const garbage of all.filter((one) => !going.includes(one))) show(garbage, undefined);
    if (going.length === 0) {
      if (!wish.isJson) output.say(summaryOf(all));
      return;
    }
    await settle(going, wish, context, environment);
    await remove(going, context);
  });

  function show(garbage: Garbage, outcome: Outcome | undefined): void {
    if (wish.isJson) output.print(jsonDocument(gcDocument(garbage, outcome), 'line'));
    else {
      const lines = outcome === undefined ? garbageLines(garbage) : outcomeLines(garbage, outcome);
      for (const line of lines) output.print(line);
    }
  }

  /** One that fails keeps none of the others. */
  async function remove(going: readonly Garbage[], context: VmContext): Promise<void> {
    const errors: PlowError[] = [];
    const inPart: string[] = [];
    for (const garbage of going) {
      context.signal.throwIfAborted();
      try {
        const outcome = outcomeOf(await removeGarbage(garbage));
        if (isInPart(garbage, outcome)) inPart.push(garbage.what);
        show(garbage, outcome);
      } catch (error) {
        if (!(error instanceof PlowError)) throw error;
        errors.push(error);
        show(garbage, { status: 'failed', message: error.message });
        if (error.kind === 'connection') break;
        if (going.length > 1) for (const line of failureLines(error, settings.verbose)) output.say(line);
      }
    }
    const verdict = verdictOf(going.length, errors, inPart);
    if (verdict !== undefined) throw verdict;
  }
}

/** @throws PlowError (operation) where nobody says yes; Interrupted */
async function settle(
  going: readonly Garbage[],
  { isSure, isJson }: Wish,
  { signal }: VmContext,
  { ask, output }: Environment,
): Promise<void> {
  if (isSure) return;
  if (ask === undefined || isJson) {
    throw new PlowError('operation', `nothing was removed: ${things(going.length)} would go`, {
      hint: 'plow gc shows what; --yes removes it',
    });
  }
  for (const line of going.flatMap(garbageLines)) output.print(line);
  if (await confirmed(`Remove ${things(going.length)}? [y/N] `, ask, signal)) return;
  throw new PlowError('operation', 'nothing was removed: the answer was not yes', {
    hint: '--yes asks nothing',
  });
}
