import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { hostsDocument } from '../../../views/hosts/document.ts';
import type { ShownHost } from '../../../views/hosts/document.ts';
import { hostsTable } from '../../../views/hosts/table.ts';
import { hostFacts } from '../../../vm/hosts/facts.ts';
import type { HostFacts } from '../../../vm/hosts/facts.ts';
import type { Environment } from '../../environment.ts';
import { onEachHost, worstOf } from '../../run/hosts/each-host.ts';
import type { OfHost } from '../../run/hosts/each-host.ts';
import { runReport } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

const READ_ONLY = { lacks: 'directories that no pool shows are not looked at' };

/** `plow hosts` @returns the exit code @throws Interrupted */
export async function runHosts(
  isJson: boolean,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const { output, columns } = environment;
  const { signal } = environment.interruptible(undefined);
  const look = (settings: Settings): Promise<HostFacts> =>
    runReport(settings, environment, undefined, hostFacts, READ_ONLY, all.length > 1);
  const asked = await onEachHost(all, look, undefined, signal);
  const shown = asked.map(shownOf);
  if (isJson) output.print(jsonDocument(hostsDocument(shown), 'indented'));
  else {
    const drawn = {
      width: output.interactive && columns !== 0 ? columns : undefined,
      paint: output.color ? (await import('../../../terminal/colours.ts')).paint : undefined,
    };
    for (const line of hostsTable(shown, drawn).lines) output.print(line);
    for (const { name, settings, error } of asked) {
      if (error === undefined) continue;
      for (const line of failureLines(error, settings.verbose, name)) output.say(line);
    }
  }
  const worst = worstOf(asked);
  return worst === undefined ? 0 : EXIT_CODES[worst.kind];
}

function shownOf({ settings, result, error }: OfHost<HostFacts>): ShownHost {
  const { host: name, uri, labels } = settings;
  return { name, uri: withoutPassword(uri), labels, facts: result, error };
}
