import type { LoadedMachine } from '../../../config/machine.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { planDocument, planLines } from '../../../views/plan/text.ts';
import { printable } from '../../../text/printable.ts';
import type { GuardOf } from '../../run/address-guard.ts';
import type { VmContext } from '../../../vm/context.ts';
import { existingVm } from '../../../vm/create/existing-vm.ts';
import { countNotChecked, toldNotChecked } from '../../../vm/host/not-checked.ts';
import type { NotChecked } from '../../../vm/host/not-checked.ts';
import { prepareDryRun } from '../../../vm/create/prepare.ts';
import type { Environment } from '../../environment.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { runReport } from '../../run/session.ts';
import { onEachHost, worstOf } from '../../run/hosts/each-host.ts';
import type { Places } from '../../settings/places.ts';
import type { OfPlace } from './machines.ts';
import type { Uploads } from './uploads.ts';

export interface DryRunOptions extends OutsideFiles {
  readonly showSecrets: boolean;
  readonly json: boolean;
  readonly ifNotExists: boolean;
  readonly lifetimeMinutes: number | undefined;
  readonly adoptsData: boolean;
  /** Of the host on which a VM would be made. */
  readonly guardOf: GuardOf;
  readonly upload: boolean;
}

/**
 * `plow create --dry-run`: over a connection on which the server itself refuses every change. One file that
 * cannot be a VM keeps no other from being looked at, and neither does a host that is away.
 * @throws PlowError: that of a file that is alone, else one that counts them, of the kind with the highest
 * exit code
 */
export async function runDryRun(
  files: readonly string[],
  options: DryRunOptions,
  places: Places,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const { machinesOn, readMachines } = await import('./machines.ts');
  const { all, warnings, uploads } = await readMachines(files, options, places);
  for (const warning of warnings) output.say(`warning: ${printable(warning)}`);
  const given = { ...options, uploads };
  const [one, other] = all;
  if (one === undefined) return;
  if (other === undefined && !places.areSeveral) return showPlans(one, given, environment);
  let isFirst = true;
  const hosts = await onEachHost(
    all.map(({ settings }) => settings),
    async (settings) => {
      const machines = machinesOn(settings, all);
      const kept: (() => void)[] = [];
      const print = (text: string): void => void kept.push(() => output.print(text));
      const say = (text: string): void => void kept.push(() => output.say(text));
      try {
        const held = { ...environment, output: { ...output, print, say } };
        await showPlans({ settings, machines }, given, held, true);
      } finally {
        if (kept.length > 0 && !options.json) output.print(`${isFirst ? '' : '\n'}# ${settings.host ?? ''}`);
        isFirst = false;
        for (const tell of kept) tell();
      }
    },
    ({ name, settings, error }) => {
      if (error === undefined || options.json) return;
      for (const line of failureLines(error, settings.verbose, name)) output.say(line);
    },
  );
  const worst = worstOf(hosts);
  if (worst !== undefined) throw worst;
}

/** Those of one host. */
async function showPlans(
  { settings, machines }: OfPlace,
  options: DryRunOptions & Pick<PlanOptions, 'uploads'>,
  environment: Environment,
  isOneOfMany = false,
): Promise<void> {
  const { output } = environment;
  const work = async (given: VmContext): Promise<void> => {
    const context = { ...given, guard: options.guardOf(settings) };
    const refusals: Refusal[] = [];
    for (const loaded of machines) {
      context.signal.throwIfAborted();
      try {
        if (loaded !== machines[0] && !options.json) output.print('');
        await showPlan(loaded, { ...options, verbose: settings.verbose }, context, environment);
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
  await runReport(settings, environment, 'stopping here', work, 'read-only', isOneOfMany);
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
  const begins = { adoptsData, ...asked?.begins };
  const { plan, checked } = await prepareDryRun(asked?.loaded ?? loaded, context, begins);
  const { notChecked } = checked;
  if (json)
    output.print(jsonDocument(planDocument(plan, notChecked, showSecrets, asked?.uploads), 'indented'));
  else for (const line of planLines(plan, showSecrets, asked?.uploads)) output.print(line);
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
