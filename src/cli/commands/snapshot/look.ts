import { jsonDocument } from '../../../documents/json-text.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { snapshotDocument } from '../../../views/snapshot/document.ts';
import { snapshotLines, snapshotPage } from '../../../views/snapshot/text.ts';
import type { VmContext } from '../../../vm/context.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import { listedSnapshot, listSnapshots } from '../../../vm/snapshot/list.ts';
import type { ListedSnapshot } from '../../../vm/snapshot/list.ts';
import { NotMadeByPlow } from '../../../vm/snapshot/look.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import { someAtOnce } from '../../run/batch/some-at-once.ts';
import type { Settings } from '../../settings/settings.ts';

const AT_ONCE = 4;

export interface AskedLook {
  readonly selection: Selection;
  /** The one to show; undefined: all are listed. */
  readonly snapshot: string | undefined;
  readonly format: BatchFormat;
}

/** What was found of a VM. */
export interface Looked {
  readonly vm: { readonly name: string; readonly uuid: string | null };
  readonly found: readonly ListedSnapshot[] | PlowError;
}

/** `plow snapshot list`, `show` @throws PlowError, Interrupted */
export async function runSnapshotLook(
  asked: AskedLook,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  await runWorkflow(settings, environment, 'stopping here', async (context, pause) => {
    const { output } = environment;
    const vms = await selectVms(asked.selection, context.hypervisor);
    const looked: (Looked | undefined)[] = vms.map(() => undefined);
    const look = async (vm: SelectedVm, index: number): Promise<void> => {
      const one = await lookAt(vm, asked.snapshot, context);
      looked[index] = one;
      if (one === undefined || asked.format !== 'json') return;
      const action = asked.snapshot === undefined ? 'list' : 'show';
      output.print(jsonDocument(snapshotDocument(action, one.vm, one.found), 'line'));
    };
    // What is under way ends first: it may have lent a pool.
    await someAtOnce(vms, AT_ONCE, look, () => context.signal.aborted);
    context.signal.throwIfAborted();
    pause();
    const all = looked.filter((one) => one !== undefined);
    if (asked.format === 'text') print(all, asked, environment, vms.length === 1);
    end(all, environment, settings.verbose, vms.length === 1);
  });
}

/** Undefined for one of another tool that nobody has named. @throws Interrupted */
async function lookAt(
  { name, uuid, isNamed, find }: SelectedVm,
  snapshot: string | undefined,
  context: VmContext,
): Promise<Looked | undefined> {
  try {
    using domain = await find();
    const vm = { name: domain.name, uuid: domain.uuid };
    const found =
      snapshot === undefined
        ? await listSnapshots(domain, context)
        : [await listedSnapshot(domain, snapshot, context)];
    return { vm, found };
  } catch (error) {
    if (error instanceof NotMadeByPlow && !isNamed) return undefined;
    if (!(error instanceof PlowError)) throw error;
    return { vm: { name, uuid }, found: error };
  }
}

function print(
  looked: readonly Looked[],
  { snapshot }: AskedLook,
  { output, columns }: Environment,
  isAlone: boolean,
): void {
  const found = looked.flatMap(({ vm, found: snapshots }) =>
    snapshots instanceof PlowError ? [] : snapshots.map((one) => ({ vm: vm.name, snapshot: one })),
  );
  if (snapshot !== undefined) {
    for (const [index, { vm, snapshot: one }] of found.entries()) {
      if (index > 0) output.print('');
      for (const line of snapshotPage(one, isAlone ? undefined : vm)) output.print(line);
    }
    return;
  }
  const look = { width: output.interactive ? columns : undefined };
  const lines = found.length === 0 ? [] : snapshotLines(found, look, !isAlone);
  for (const line of lines) output.print(line);
  const [only] = looked;
  if (found.length > 0 || looked.some((one) => one.found instanceof PlowError)) return;
  output.say(isAlone ? `VM '${printable(only?.vm.name ?? '')}' has no snapshots` : 'there are no snapshots');
}

/** @throws PlowError where one of them failed */
function end(looked: readonly Looked[], { output }: Environment, isVerbose: boolean, isAlone: boolean): void {
  const failed = looked.flatMap(({ vm, found }) =>
    found instanceof PlowError ? [{ vm, error: found }] : [],
  );
  const worst = gravestOf(failed, ({ error }) => error);
  if (worst === undefined) return;
  if (isAlone) throw worst.error;
  for (const { error } of failed) for (const line of failureLines(error, isVerbose)) output.say(line);
  const names = failed.map(({ vm }) => printable(vm.name)).join(', ');
  const message = `snapshots of ${failed.length} of ${looked.length} VMs could not be looked at: ${names}`;
  throw new PlowError(worst.error.kind, message);
}
