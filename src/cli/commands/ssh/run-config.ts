import { printable } from '../../../text/printable.ts';
import { canBeHost, sshConfigLines } from '../../../views/ssh/config.ts';
import { sshTargets } from '../../../vm/ssh/target.ts';
import type { Environment } from '../../environment.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow ssh-config` @throws PlowError */
export async function runSshConfig(settings: Settings, environment: Environment): Promise<void> {
  const { targets, others } = await withHypervisor(settings, environment, sshTargets, 'read-only');
  const { output } = environment;
  for (const line of sshConfigLines(targets.filter(canBeHost))) output.print(line);
  const unknown = targets.filter(({ hostKeys }) => hostKeys.length === 0).map(({ name }) => name);
  const left = [...others, ...targets.filter((one) => !canBeHost(one)).map(({ name }) => name)];
  if (unknown.length > 0)
    output.say(`note: plow does not know the host keys of ${printable(unknown.join(', '))}`);
  if (left.length > 0) output.say(`note: left out, as plow did not make them: ${printable(left.join(', '))}`);
}
