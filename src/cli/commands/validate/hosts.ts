import { jsonDocument } from '../../../documents/json-text.ts';
import { EXIT_CODES, gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { validationDocument } from '../../../views/validation/document.ts';
import { countNotChecked, toldNotChecked } from '../../../vm/host/not-checked.ts';
import type { NotChecked } from '../../../vm/host/not-checked.ts';
import type { Environment } from '../../environment.ts';
import { worstOf } from '../../run/hosts/each-host.ts';
import type { OfHost } from '../../run/hosts/each-host.ts';
import { lookOnHosts } from '../../run/hosts/look.ts';
import { hostName } from '../../run/hosts/several.ts';
import type { Places } from '../../settings/places.ts';
import type { Settings } from '../../settings/settings.ts';
import type { AskedHosts } from './asked-hosts.ts';
import { LACKS_DIRECTORIES } from '../../run/lacks.ts';
import { inspectAll, soundOf } from './host.ts';
import type { Finding, HostReport } from './host.ts';
import { ownFaults } from './own-faults.ts';
import type { OwnFaults } from './own-faults.ts';
import { fileLines, findingLines, say, summary, USUAL_COLUMNS, worstKind } from './run.ts';
import type { ValidateOptions } from './run.ts';

interface Where extends AskedHosts {
  readonly places: Places;
}

/**
 * `plow validate --on-host <file...>` of several hosts, which are asked at the same time.
 * @returns the exit code @throws PlowError where one could not be asked; Interrupted
 */
export async function runValidateOnHosts(
  files: readonly string[],
  { json, quiet, guardOf, reader }: ValidateOptions,
  { all, places, hostsOf }: Where,
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const columns = environment.columns || USUAL_COLUMNS;
  const own = await ownFaults(files, all, places, reader);
  const tell = (findings: readonly Finding[]): void => {
    const shown = quiet ? findings.filter(({ diagnostic }) => diagnostic.severity === 'error') : findings;
    if (!json) for (const finding of shown) say(output, findingLines(finding, columns));
  };
  if (!json) for (const file of own.files) say(output, fileLines(file, columns, quiet));
  tell(own.ofSome);
  const hosts = await askHosts(own, { all, hostsOf, json, guardOf }, environment, tell);
  const findings = hosts.flatMap(({ result }) => result?.findings ?? []);
  if (json) output.print(jsonDocument(documentOf(own, findings, hosts), 'indented'));
  else if (!quiet) output.say([summary(own.files, findings), ...hosts.flatMap(notCheckedWords)].join('; '));
  return endOf(worstOf(hosts), worstKind(own.files, findings));
}

/** @throws PlowError */
function endOf(worst: PlowError | undefined, kind: PlowError['kind'] | undefined): number {
  if (worst === undefined) return kind === undefined ? 0 : EXIT_CODES[kind];
  const failures = [worst, ...(kind === undefined ? [] : [new PlowError(kind, worst.message)])];
  throw gravestOf(failures, (one) => one) ?? worst;
}

interface Asked extends AskedHosts, Pick<ValidateOptions, 'json'> {
  readonly guardOf: ValidateOptions['guardOf'] | undefined;
}

async function askHosts(
  { on }: OwnFaults,
  { all, hostsOf, json, guardOf }: Asked,
  environment: Environment,
  tell: (findings: readonly Finding[]) => void,
): Promise<readonly OfHost<HostReport>[]> {
  const soundOn = (settings: Settings) =>
    soundOf(on.get(settings) ?? []).filter((file) => hostsOf(file).includes(settings));
  const asked = all.filter((settings) => soundOn(settings).length > 0);
  const look = { use: LACKS_DIRECTORIES, reaction: 'stopping after these files', forPrograms: json };
  return lookOnHosts(asked, look, environment, async (context, settings) => {
    const host = hostName(settings);
    const guard = guardOf?.(settings);
    const guarded = guard === undefined ? context : { ...context, guard };
    const report = await inspectAll(soundOn(settings), guarded);
    const findings = report.findings.map((finding) => ({ ...finding, host }));
    tell(findings);
    if (settings.verbose)
      for (const one of report.notChecked)
        environment.output.say(printable(`${host}: ${toldNotChecked(one)}`));
    return { ...report, findings };
  });
}

function notCheckedWords({ name, result }: OfHost<HostReport>): readonly string[] {
  const words = countNotChecked(result?.notChecked ?? []);
  return words === undefined ? [] : [printable(`${name}: ${words}`)];
}

function documentOf(
  { files, ofSome }: OwnFaults,
  findings: readonly Finding[],
  hosts: readonly OfHost<HostReport>[],
): ReturnType<typeof validationDocument> {
  const notChecked = hosts.flatMap(({ name, result }) =>
    (result?.notChecked ?? []).map((one: NotChecked) => ofHost(one, name)),
  );
  return validationDocument(files, [...ofSome, ...findings], notChecked);
}

function ofHost<T extends object>(one: T, host: string | undefined): T & { readonly host?: string } {
  return host === undefined ? one : { ...one, host };
}
