import type { CheckedText } from '../../../config/vm-file/check.ts';
import { byPlace, describe } from '../../../config/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../../config/diagnostics/diagnostic.ts';
import type { Machine } from '../../../config/machine.ts';
import { printable } from '../../../text/printable.ts';
import type { AddressGuard } from '../../../vm/address-guard.ts';
import { AskedNeighbours } from '../../../vm/host/asked-neighbours.ts';
import { endingWith } from '../../../vm/at-once.ts';
import type { VmContext } from '../../../vm/context.ts';
import { Omissions, toldNotChecked } from '../../../vm/host/not-checked.ts';
import type { Inspection, Surroundings } from '../../../vm/host/inspection.ts';
import type { NotChecked } from '../../../vm/host/not-checked.ts';
import { inspectMachine, lookAround } from '../../../vm/create/preflight.ts';
import type { Progress } from '../../../vm/progress.ts';
import type { Environment } from '../../environment.ts';
import { LACKS_DIRECTORIES } from '../../run/lacks.ts';
import { runReport } from '../../run/session.ts';
import { asBrought } from './local-images.ts';
import { withPathsOfImages } from './named-image.ts';
import type { Settings } from '../../settings/settings.ts';

/** A VM of a file. */
export type Subject = Pick<CheckedText, 'file' | 'ordinal'>;

/** What a hypervisor has against a file. */
export interface Finding {
  /** `storage` for the storage path, which no file names. */
  readonly kind: 'validation' | 'storage';
  /** The VM that it is about; where a mistake stands may be another file. */
  readonly subject: Subject;
  readonly diagnostic: Diagnostic;
  /** Which of several hosts; undefined: all, or the only one. */
  readonly host?: string;
}

export interface HostReport {
  /** File by file, of each from top to bottom. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

export type Sound = CheckedText & { readonly machine: Machine };

/**
 * Asks the hypervisor about every file that describes a machine, over one connection, and whatever is the
 * same for all of them once. @throws PlowError, Interrupted
 */
export async function checkOnHost(
  files: readonly CheckedText[],
  guard: AddressGuard | undefined,
  settings: Settings,
  environment: Environment,
): Promise<HostReport> {
  const sound = soundOf(files);
  if (sound.length === 0) return { findings: [], notChecked: [] };
  const report = await runReport(
    settings,
    environment,
    'stopping after this file',
    (context) => inspectAll(sound, guard === undefined ? context : { ...context, guard }),
    LACKS_DIRECTORIES,
  );
  if (settings.verbose)
    for (const one of report.notChecked) environment.output.say(printable(toldNotChecked(one)));
  return report;
}

/** Files that describe a machine. */
export function soundOf(files: readonly CheckedText[]): readonly Sound[] {
  return files.filter((file): file is Sound => file.machine !== undefined);
}

/** What a hypervisor has against each of these files. @throws PlowError, Interrupted */
export async function inspectAll(files: readonly Sound[], given: VmContext): Promise<HostReport> {
  const context = { ...given, progress: notingOnce(given.progress) };
  // Other hosts, and whoever has the addresses, are asked while this one is.
  void context.guard?.elsewhere?.();
  const asked = new Map(
    files.map(({ machine }) => [machine, new AskedNeighbours(machine.interfaces, context.hypervisor)]),
  );
  const machines = files.map(({ machine }) => machine);
  const { early, ...surroundings } = await lookAround(context, machines);
  return endingWith(early, collect(files, context, asked, surroundings));
}

async function collect(
  files: readonly Sound[],
  context: VmContext,
  asked: ReadonlyMap<Machine, AskedNeighbours>,
  surroundings: Surroundings,
): Promise<HostReport> {
  const omissions = new Omissions();
  const findings: Finding[] = [];
  const toldOfStorage = new Set<string>();
  for (const sound of files) {
    const { file, ordinal = 0, report } = sound;
    const subject = { file, ordinal };
    context.signal.throwIfAborted();
    const diagnostics: Diagnostic[] = [];
    const named = await withPathsOfImages(sound, context);
    diagnostics.push(...named.problems.map(({ path, text }) => report(path, text)));
    const { machine, ...begins } = await asBrought(named.machine, sound, context.storagePath);
    const { ofStoragePath } = await inspectMachine(machine, {
      ...surroundings,
      ...askedOf(asked.get(machine)),
      ...begins,
      report: (path, text) => diagnostics.push(report(path, text)),
      doubt: (path, text) => context.progress.note(describe(report(path, text))),
      notChecked: omissions.add,
    });
    findings.push(
      ...diagnostics
        .toSorted(byPlace)
        .map((diagnostic) => ({ kind: 'validation', subject, diagnostic }) as const),
    );
    for (const text of ofStoragePath.filter((problem) => !toldOfStorage.has(problem))) {
      toldOfStorage.add(text);
      const diagnostic = { file, severity: 'error', key: '', text, spot: undefined } as const;
      findings.push({ kind: 'storage', subject, diagnostic });
    }
  }
  return { findings, notChecked: omissions.all };
}

function askedOf(asked: AskedNeighbours | undefined): Pick<Inspection, 'asked'> {
  return asked === undefined ? {} : { asked };
}

/** Many files are on the same bridges. */
function notingOnce(progress: Progress): Progress {
  const noted = new Set<string>();
  return {
    title: (text) => progress.title(text),
    begin: (text) => progress.begin(text),
    transfer: (what, sentBytes, totalBytes) => progress.transfer(what, sentBytes, totalBytes),
    done: (text) => progress.done(text),
    success: (text) => progress.success(text),
    note: (text) => {
      if (!noted.has(text)) progress.note(text);
      noted.add(text);
    },
  };
}
