import type { LoadedMachine } from '../../../config/machine.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { planDocument, planLines } from '../../../views/plan/text.ts';
import { printable } from '../../../text/printable.ts';
import type { VmContext } from '../../../vm/context.ts';
import { existingVm } from '../../../vm/create/existing-vm.ts';
import { countNotChecked, toldNotChecked } from '../../../vm/host/not-checked.ts';
import type { NotChecked } from '../../../vm/host/not-checked.ts';
import { prepareDryRun } from '../../../vm/create/prepare.ts';
import type { Environment } from '../../environment.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { runReport } from '../../run/session.ts';
import { uploadsOf, withLifetime } from './run.ts';
import type { Uploads } from './uploads.ts';
import type { Settings } from '../../settings/settings.ts';
import { vmFileReader } from '../../settings/vm-files.ts';

export interface DryRunOptions extends OutsideFiles {
  readonly showSecrets: boolean;
  readonly json: boolean;
  readonly ifNotExists: boolean;
  readonly lifetimeMinutes: number | undefined;
  readonly adoptsData: boolean;
  readonly upload: boolean;
}

/**
 * `plow create --dry-run`: over a connection on which the server itself refuses every change. One file that
 * cannot be a VM keeps no other from being looked at.
 * @throws PlowError: that of a file that is alone, else one that counts them, of the kind with the highest
 * exit code
 */
export async function runDryRun(
  files: readonly string[],
  options: DryRunOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const { readMachineFiles } = await import('../../../config/vm-file/load.ts');
  const read = await readMachineFiles(files, settings, vmFileReader(settings, options, options.upload));
  const machines = read.map((loaded) => withLifetime(loaded, options.lifetimeMinutes));
  const uploads = await uploadsOf(machines);
  for (const warning of machines.flatMap(({ warnings }) => warnings))
    output.say(`warning: ${printable(warning)}`);
  const work = async (context: VmContext): Promise<void> => {
    const refusals: Refusal[] = [];
    for (const loaded of machines) {
      context.signal.throwIfAborted();
      try {
        if (loaded !== machines[0] && !options.json) output.print('');
        await showPlan(loaded, { ...options, uploads, verbose: settings.verbose }, context, environment);
      } catch (error) {
        if (!(error instanceof PlowError) || error.kind === 'connection' || machines.length === 1)
          throw error;
        if (!options.json) for (const line of failureLines(error, settings.verbose)) output.say(line);
        refusals.push({ loaded, error });
      }
    }
    const summary = `${refusals.length} of ${machines.length} VMs cannot be made so`;
    if (refusals.length > 0) throw sumOf(refusals, summary, options.json);
  };
  await runReport(settings, environment, 'stopping here', work, 'read-only');
}

/** A file whose VM cannot be made. */
interface Refusal {
  readonly loaded: LoadedMachine;
  readonly error: PlowError;
}

/** @param forPrograms with all that was said of each, which people have read already */
function sumOf(refusals: readonly Refusal[], message: string, forPrograms: boolean): PlowError {
  const errors = refusals.map(({ error }) => error);
  const kind = gravestOf(errors, (error) => error)?.kind ?? 'operation';
  if (!forPrograms) return new PlowError(kind, message);
  const mistakes = refusals.flatMap(({ loaded, error }) =>
    error.mistakes.length > 0 ? error.mistakes : [loaded.mistake([], error.message)],
  );
  const details = errors.flatMap(({ detail }) => (detail === undefined ? [] : [detail]));
  return new PlowError(kind, message, {
    mistakes,
    ...(details.length > 0 ? { detail: details.join('\n') } : {}),
  });
}

type PlanOptions = DryRunOptions & { readonly verbose: boolean; readonly uploads: Uploads | undefined };

async function showPlan(
  loaded: LoadedMachine,
  { showSecrets, json, ifNotExists, adoptsData, verbose, uploads }: PlanOptions,
  context: VmContext,
  { output }: Environment,
): Promise<void> {
  const { name } = loaded.machine;
  if (ifNotExists && (await existingVm(name, context)) !== undefined) {
    if (json) output.print(jsonDocument({ name, exists: true }, 'indented'));
    return output.say(`dry run: VM '${name}' exists already: nothing would be made`);
  }
  const asked = await uploads?.plan(loaded, context);
  const begins = { adoptsData, coming: asked?.coming };
  const { plan, checked } = await prepareDryRun(asked?.loaded ?? loaded, context, begins);
  const { notChecked } = checked;
  if (json)
    output.print(jsonDocument(planDocument(plan, notChecked, showSecrets, asked?.upload), 'indented'));
  else for (const line of planLines(plan, showSecrets, asked?.upload)) output.print(line);
  if (verbose) for (const one of notChecked) output.say(printable(toldNotChecked(one)));
  output.say(`dry run: ${verdict(name, notChecked)}`);
}

/** Nothing is promised that nobody has looked at. */
function verdict(name: string, notChecked: readonly NotChecked[]): string {
  const missing = countNotChecked(notChecked);
  return missing === undefined
    ? `all checks passed, nothing was made; without --dry-run this creates VM '${name}'`
    : `${printable(missing)}, the others passed; nothing was made`;
}
