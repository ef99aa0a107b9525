import { EXIT_CODES, gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { examine, verdict } from '../../../vm/doctor/examine.ts';
import type { Environment } from '../../environment.ts';
import type { OutputFormat } from '../../options/output.ts';
import { worstOf } from '../../run/hosts/each-host.ts';
import { lookOnHosts } from '../../run/hosts/look.ts';
import { hostName } from '../../run/hosts/several.ts';
import type { Settings } from '../../settings/settings.ts';
import { LACKS_DIRECTORIES } from '../../run/lacks.ts';
import { withIgnores } from '../../../vm/doctor/ignore/ignore.ts';
import { linesOf } from './run.ts';

/**
 * `plow doctor` of several hosts, each reported as it answers. @returns the exit code
 * @throws PlowError where one could not be asked; Interrupted
 */
export async function runDoctorOnHosts(
  format: OutputFormat['output'],
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const isText = format === 'text';
  const look = { use: LACKS_DIRECTORIES, reaction: 'stopping here', forPrograms: !isText };
  let isFirst = true;
  const hosts = await lookOnHosts(all, look, environment, async (context, settings) => {
    const results = withIgnores(await examine(context), settings.ignores, new Date());
    const name = hostName(settings);
    const lines = await linesOf(results, format, settings, environment, name);
    const heading = isFirst ? [`${name}:`] : ['', `${name}:`];
    isFirst = false;
    for (const line of [...(isText ? heading : []), ...lines]) output.print(line);
    return verdict(results);
  });
  const faulty = hosts.flatMap(({ name, result }) => (result === undefined ? [] : [{ name, kind: result }]));
  const words = `with failures: ${faulty.map(({ name }) => name).join(', ')}`;
  const worst = worstOf(hosts);
  if (worst === undefined) {
    const sound = `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}: ${hosts.length - faulty.length} without failures`;
    if (isText) output.say(faulty.length === 0 ? sound : `${sound}, ${faulty.length} ${words}`);
    return Math.max(0, ...faulty.map(({ kind }) => EXIT_CODES[kind]));
  }
  if (faulty.length === 0) throw worst;
  const message = `${worst.message}; ${faulty.length} ${words}`;
  const failures = [worst, ...faulty.map(({ kind }) => new PlowError(kind, message))];
  throw new PlowError(gravestOf(failures, (one) => one)?.kind ?? worst.kind, message);
}
