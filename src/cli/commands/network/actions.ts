import type { Environment } from '../../environment.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { GlobalOptions } from '../../record/command.ts';
import { allSettingsOf, onlyOne } from '../../settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';

/** Options of all that `plow network` does. */
export interface NetworkOptions extends OutputFormat {
  readonly dryRun?: boolean;
  readonly file?: string;
  readonly force?: boolean;
  readonly script?: boolean;
}

interface NetworkCall {
  readonly options: NetworkOptions;
  readonly globals: GlobalOptions;
  readonly environment: Environment;
}

/** What `plow network` can do. */
interface NetworkActionRecord {
  /** Those that it takes. */
  readonly options: readonly (keyof NetworkOptions)[];
  /** @returns the exit code, where it is not 0 @throws PlowError, Interrupted */
  readonly run: (call: NetworkCall) => Promise<number | void>;
}

/** Of the one hypervisor. @throws PlowError (config) */
async function settingsOf({ globals, environment }: NetworkCall): Promise<Settings> {
  return onlyOne(await allSettingsOf(globals, environment, 'the connection'));
}

async function changeDrain(action: 'drain' | 'undrain', call: NetworkCall): Promise<number> {
  const settings = await settingsOf(call);
  return (await import('./drain.ts')).runNetworkDrain(action, settings, call.environment);
}

/** By name, as `--help` lists them. */
export const ACTIONS = {
  setup: {
    options: ['dryRun', 'script', 'file'],
    async run({
      options: { dryRun: isDryRun = false, script: isScript = false, file },
      globals,
      environment,
    }) {
      const { runNetworkSetup } = await import('./setup.ts');
      return runNetworkSetup({ file, isDryRun, isScript }, globals, environment);
    },
  },
  status: {
    options: ['output'],
    async run(call) {
      const { runNetworkStatus } = await import('./status.ts');
      return runNetworkStatus(call.options.output, await settingsOf(call), call.environment);
    },
  },
  drain: { options: [], run: (call) => changeDrain('drain', call) },
  undrain: { options: [], run: (call) => changeDrain('undrain', call) },
  remove: {
    options: ['dryRun', 'script', 'force'],
    async run({ options, globals, environment }) {
      const { dryRun: isDryRun = false, script: isScript = false, force: isForced = false } = options;
      const { runNetworkRemove } = await import('./setup.ts');
      return runNetworkRemove({ isForced, isDryRun, isScript }, globals, environment);
    },
  },
} as const satisfies Readonly<Record<string, NetworkActionRecord>>;

export type NetworkAction = keyof typeof ACTIONS;
