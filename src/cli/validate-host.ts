import type { CheckedText } from '../config/check-text.ts';
import type { Complaint } from '../config/complaint.ts';
import type { Machine } from '../config/machine.ts';
import { inspectMachine, lookAround } from '../vm/preflight.ts';
import type { VmContext } from '../vm/context.ts';
import type { Progress } from '../vm/progress.ts';
import type { Environment } from './environment.ts';
import { runReport } from './session.ts';
import type { Settings } from './settings.ts';

/** What a hypervisor has against a file. */
export interface Finding {
  /** `storage` for the storage path, which no file names. */
  readonly kind: 'validation' | 'storage';
  readonly complaint: Complaint;
}

type Sound = CheckedText & { readonly machine: Machine };

/** Asks the hypervisor about every file that describes a machine, over one connection. @throws PlowError, Interrupted */
export async function checkOnHost(
  files: readonly CheckedText[],
  settings: Settings,
  environment: Environment,
): Promise<readonly Finding[]> {
  const sound = files.filter((file): file is Sound => file.machine !== undefined);
  if (sound.length === 0) return [];
  return runReport(settings, environment, 'stopping after this file', (context) =>
    inspectAll(sound, context),
  );
}

async function inspectAll(files: readonly Sound[], given: VmContext): Promise<readonly Finding[]> {
  const context = { ...given, progress: notingOnce(given.progress) };
  const surroundings = await lookAround(context);
  const findings: Finding[] = [];
  const toldOfStorage = new Set<string>();
  for (const { file, machine, complain } of files) {
    context.signal.throwIfAborted();
    const { ofStoragePath } = await inspectMachine(machine, {
      ...surroundings,
      complain: (path, text) => findings.push({ kind: 'validation', complaint: complain(path, text) }),
    });
    for (const text of ofStoragePath.filter((problem) => !toldOfStorage.has(problem))) {
      toldOfStorage.add(text);
      const complaint = { file, severity: 'error', key: '', text, spot: undefined } as const;
      findings.push({ kind: 'storage', complaint });
    }
  }
  return findings;
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
