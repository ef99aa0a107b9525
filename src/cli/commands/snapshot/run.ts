import { PlowError } from '../../../errors/plow-error.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import type { SnapshotDocument } from '../../../documents/snapshots/snapshot-schema.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import { printable } from '../../../text/printable.ts';
import { snapshotDocument } from '../../../views/snapshot/document.ts';
import { snapshotLines, snapshotPage } from '../../../views/snapshot/text.ts';
import type { VmContext } from '../../../vm/context.ts';
import { presentVm } from '../../../vm/list/unknown-vm.ts';
import { createSnapshot } from '../../../vm/snapshot/create.ts';
import { deleteSnapshot } from '../../../vm/snapshot/delete.ts';
import { listedSnapshot, listSnapshots } from '../../../vm/snapshot/list.ts';
import { revertToSnapshot } from '../../../vm/snapshot/revert.ts';
import type { Environment } from '../../environment.ts';
import { Heard, SILENCE } from '../../run/heard.ts';
import { confirmed } from '../../run/confirmed.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

export interface AskedSnapshot {
  readonly action: SnapshotDocument['action'];
  readonly vm: string;
  readonly snapshot: string | undefined;
  readonly description: string | undefined;
  readonly ifExists: boolean;
  readonly ifMissing: boolean;
  /** On a terminal. */
  readonly mayAsk: boolean;
  readonly format: 'text' | 'json' | 'quiet';
}

/** `plow snapshot` @throws PlowError, Interrupted */
export async function runSnapshot(
  asked: AskedSnapshot,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (given, pause) => {
    const heard = new Heard(asked.format === 'text' ? given.progress : SILENCE);
    const context = { ...given, progress: heard };
    using domain = await presentVm(asked.vm, context.hypervisor);
    if (asked.action === 'revert' && asked.mayAsk) await confirm(domain, asked, context, environment);
    await act(domain, asked, context);
    pause();
    await tell(domain, asked, heard.notes, context, environment);
  });
}

/** @throws PlowError (operation) unless the answer is yes; Interrupted */
async function confirm(
  domain: Domain,
  { snapshot = '' }: AskedSnapshot,
  context: VmContext,
  { ask }: Environment,
): Promise<void> {
  if (ask === undefined) return;
  // Nobody is asked about one that is not there.
  await listedSnapshot(domain, snapshot, context);
  const name = printable(domain.name);
  const question = `VM '${name}' loses what was written since snapshot '${printable(snapshot)}'.\nGo back to it? [y/N] `;
  if (await confirmed(question, ask, context.signal)) return;
  throw new PlowError('operation', 'nothing was changed: the answer was not yes', {
    hint: '--yes asks nothing',
  });
}

function act(domain: Domain, asked: AskedSnapshot, context: VmContext): Promise<void> {
  const { action, snapshot, description, ifExists, ifMissing } = asked;
  if (action === 'create')
    return createSnapshot(
      domain,
      { name: snapshot ?? nameOf(context.now()), description, ifMissing },
      context,
    );
  if (action === 'revert') return revertToSnapshot(domain, snapshot ?? '', context);
  if (action === 'delete') return deleteSnapshot(domain, snapshot ?? '', context, ifExists);
  return Promise.resolve();
}

/** `20261127-112651`, in UTC. */
function nameOf(now: Date): string {
  const [day, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/gu, '').split('T');
  return `${day}-${time}`;
}

async function tell(
  domain: Domain,
  { action, snapshot, format }: AskedSnapshot,
  notes: readonly string[],
  context: VmContext,
  { output, columns }: Environment,
): Promise<void> {
  const looks = action === 'list' || action === 'show';
  if (format === 'quiet' || (format === 'text' && !looks)) return;
  const all =
    action === 'show'
      ? [await listedSnapshot(domain, snapshot ?? '', context)]
      : await listSnapshots(domain, context);
  if (format === 'json') {
    output.print(jsonDocument(snapshotDocument(action, domain, all, notes), 'indented'));
    return;
  }
  const [one] = all;
  const lines =
    action === 'show' && one !== undefined
      ? snapshotPage(one)
      : snapshotLines(all, { width: output.interactive ? columns : undefined });
  for (const line of lines) output.print(line);
  if (all.length === 0) output.say(`VM '${printable(domain.name)}' has no snapshots`);
}
