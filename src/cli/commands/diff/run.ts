import { jsonDocument } from '../../../documents/json-text.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import type { LoadedMachine } from '../../../config/machine.ts';
import { printable } from '../../../text/printable.ts';
import { diffDocument } from '../../../views/diff/document.ts';
import type { Subject } from '../../../views/diff/document.ts';
import { diffLines, diffSummary } from '../../../views/diff/text.ts';
import { failureLines } from '../../../views/failure/text.ts';
import type { VmContext } from '../../../vm/context.ts';
import { diffVm } from '../../../vm/fleet/diff-vm.ts';
import type { VmDiff } from '../../../vm/fleet/diff-vm.ts';
import { placeOf } from '../../../vm/fleet/place.ts';
import type { Environment } from '../../environment.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { COMPARED_AT_ONCE } from '../../run/batch/compared-at-once.ts';
import { someInOrder } from '../../run/batch/some-in-order.ts';
import { lookOnHosts } from '../../run/hosts/look.ts';
import { writePlan } from '../../run/plan/plan-file.ts';
import type { ComparedVm } from '../../run/plan/plan-file.ts';
import { hostName } from '../../run/hosts/several.ts';
import { runReport } from '../../run/session.ts';
import type { Places } from '../../settings/places.ts';
import type { Settings } from '../../settings/settings.ts';
import { machinesOn, readMachines } from '../create/machines.ts';

export interface DiffOptions extends OutsideFiles {
  readonly output: 'text' | 'json';
  /** A file for what was found, to be applied; undefined: none is written. */
  readonly planOut?: string;
}

const LACKS = { lacks: 'what sets up guests, and the sizes of disks that no pool shows, are not compared' };
const DIFFERENT = 1;

/**
 * `plow diff [config.yaml...]`
 * @returns the exit code
 * @throws PlowError where the files are wrong, or the only hypervisor cannot be asked
 */
export async function runDiff(
  files: readonly string[],
  options: DiffOptions,
  places: Places,
  environment: Environment,
): Promise<number> {
  const { all } = await read(files, options, places);
  const [one, ...others] = all;
  if (one === undefined) return 0;
  const report = new Report(options, environment);
  if (others.length === 0 && !places.areSeveral) {
    await runReport(one.settings, environment, undefined, (context) => report.of(one, context), LACKS);
    return report.end(files);
  }
  const settings = all.map((place) => place.settings);
  const look = { use: LACKS, forPrograms: options.output === 'json' };
  const hosts = await lookOnHosts(settings, look, environment, (context, here) =>
    report.of({ settings: here, machines: machinesOn(here, all) }, context, hostName(here)),
  );
  for (const { error } of hosts) if (error !== undefined) report.lost(error);
  return report.end(files);
}

/** 1 is for VMs that differ: a file that cannot be read is no difference. */
async function read(files: readonly string[], options: DiffOptions, places: Places) {
  try {
    return await readMachines(files, { ...options, lifetimeMinutes: undefined, upload: true }, places);
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind !== 'config') throw error;
    const { message, hint, detail, mistakes } = error;
    throw new PlowError('validation', message, {
      ...(hint === undefined ? {} : { hint }),
      ...(detail === undefined ? {} : { detail }),
      mistakes,
      cause: error,
    });
  }
}

/** What is told of VMs as they are compared. */
class Report {
  readonly #options: DiffOptions;
  readonly #environment: Environment;
  readonly #standings: (VmDiff['standing'] | 'failed')[] = [];
  readonly #errors: PlowError[] = [];
  readonly #compared: ComparedVm[] = [];

  constructor(options: DiffOptions, environment: Environment) {
    this.#options = options;
    this.#environment = environment;
  }

  /** @throws PlowError (connection), Interrupted */
  async of(
    { settings, machines }: { readonly settings: Settings; readonly machines: readonly LoadedMachine[] },
    context: VmContext,
    host?: string,
  ): Promise<void> {
    const place = this.#options.planOut === undefined ? undefined : await placeOf(context);
    const compare = async (loaded: LoadedMachine): Promise<() => void> => {
      context.signal.throwIfAborted();
      const { file = '-' } = loaded;
      const subject = { file, name: loaded.machine.name, host };
      try {
        const diff = await diffVm(loaded, context);
        return () => {
          if (place !== undefined) this.#compared.push({ subject, loaded, diff, place });
          this.#tell(subject, diff);
        };
      } catch (error) {
        if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
        return () => this.#fail(subject, error, settings);
      }
    };
    await someInOrder(machines, COMPARED_AT_ONCE, compare, (tell) => tell());
  }

  lost(error: PlowError): void {
    this.#errors.push(error);
  }

  /** @throws PlowError (config) where the plan cannot be written */
  async end(files: readonly string[]): Promise<number> {
    if (this.#options.output === 'text') this.#environment.output.say(diffSummary(this.#standings));
    const worst = gravestOf(this.#errors, (error) => error);
    if (worst !== undefined) return worst.exitCode;
    const { planOut } = this.#options;
    if (planOut !== undefined) await writePlan(planOut, files, this.#compared);
    return this.#standings.every((one) => one === 'same') ? 0 : DIFFERENT;
  }

  #tell(subject: Subject, diff: VmDiff): void {
    const { output } = this.#environment;
    this.#standings.push(diff.standing);
    if (this.#options.output === 'json') output.print(jsonDocument(diffDocument(subject, diff), 'line'));
    else for (const line of diffLines(subject, diff)) output.print(line);
  }

  #fail(subject: Subject, error: PlowError, { verbose }: Settings): void {
    const { output } = this.#environment;
    this.#standings.push('failed');
    this.#errors.push(error);
    if (this.#options.output === 'json') output.print(jsonDocument(diffDocument(subject, error), 'line'));
    else for (const line of failureLines(error, verbose, subject.host)) output.say(printable(line));
  }
}
