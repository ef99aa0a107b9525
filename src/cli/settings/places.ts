import type { SettingsFile } from '../../config/settings/load.ts';
import { didYouMean } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';
import type { Environment } from '../environment.ts';
import type { GlobalOptions } from '../record/command.ts';
import { knownSettings } from './settings.ts';
import type { KnownSettings, Needs, Settings } from './settings.ts';

/** Where VMs are made, file by file. */
export interface Places {
  /** Where those go whose files name no host; of several that are meant the first. */
  readonly usual: Settings;
  /** All that are meant where files name no host, one at least. */
  readonly all: readonly Settings[];
  /** A flag or a variable says so. */
  readonly areSaid: boolean;
  /** Whether several were asked for, so that each file has to name one. */
  readonly areSeveral: boolean;
  /** Whether the settings file has hosts. */
  readonly knowsHosts: boolean;
  /** @param host as a file names it @returns what is wrong with that, where something is */
  readonly at: (host: string | undefined) => Settings | string;
}

/**
 * Where VMs are made. `host:` in a file is a host of the settings file. A flag or a variable that says where
 * to work does not give way to it: then the file has to say the same.
 * @throws PlowError (config)
 */
export async function placesOf(
  options: GlobalOptions,
  environment: Environment,
  needs: Needs,
): Promise<Places> {
  const known = await knownSettings(options, environment, needs);
  const { hosts, byUri, byName } = known;
  const areSeveral = hosts?.areSeveral === true;
  const made = new Map<string, Settings>();
  const named = (name: string): Settings => {
    const settings = made.get(name) ?? byName(name, areSeveral);
    made.set(name, settings);
    return settings;
  };
  const [first] = hosts?.names ?? [];
  const usual = first === undefined ? byUri() : named(first);
  const said = saidBy(options, environment.variables);
  const at = (host: string | undefined): Settings | string => {
    if (host === undefined) return areSeveral ? wanted(known) : usual;
    const wrong =
      mistakeOf(host, known.file) ?? (said === undefined ? undefined : conflict(host, said, known));
    return wrong ?? named(host);
  };
  const knowsHosts = Object.keys(known.file?.values.hosts ?? {}).length > 0;
  const all = hosts === undefined ? [usual] : hosts.names.map(named);
  return { usual, all, areSaid: said !== undefined, areSeveral, knowsHosts, at };
}

/** As `at`, for files that are only looked at: where no hosts are known, each may be. */
export function leniently({
  usual,
  at,
  knowsHosts,
}: Places): (host: string | undefined) => Settings | string {
  return (host) => (host === undefined || !knowsHosts ? usual : at(host));
}

/** What says where to work, besides the settings file and files of VMs. */
function saidBy(
  { host, allHosts, connect }: GlobalOptions,
  { PLOW_HOST, PLOW_CONNECT }: Environment['variables'],
): string | undefined {
  if (host !== undefined) return `--host ${host}`;
  if (allHosts === true) return '--all-hosts';
  if (connect !== undefined) return '--connect';
  return PLOW_HOST ? 'PLOW_HOST' : PLOW_CONNECT ? 'PLOW_CONNECT' : undefined;
}

function conflict(host: string, said: string, { hosts }: KnownSettings): string | undefined {
  if (hosts?.names.includes(host) === true) return undefined;
  return `the VM is to be on ${quote(host)}, which ${said} does not mean`;
}

function wanted({ hosts }: KnownSettings): string {
  return `is required, as several hosts are meant: one of ${hosts?.names.join(', ') ?? ''}`;
}

function mistakeOf(host: string, file: SettingsFile | undefined): string | undefined {
  const all = file?.values.hosts ?? {};
  const names = Object.keys(all);
  if (!Object.hasOwn(all, host)) {
    const where = file === undefined ? 'there is no settings file' : `${file.file} has no such host`;
    return `there is no host ${quote(host)}: ${where}${didYouMean(host, names)}`;
  }
  if (all[host]?.enabled !== false) return undefined;
  return `host ${quote(host)} is not enabled (${file?.whereIs(['hosts', host, 'enabled']) ?? ''})`;
}
