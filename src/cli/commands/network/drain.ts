import { drain, undrain } from '../../../vm/routing/drain.ts';
import type { Environment } from '../../environment.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow network drain` and `undrain` @throws PlowError, Interrupted */
export async function runNetworkDrain(
  action: 'drain' | 'undrain',
  settings: Settings,
  environment: Environment,
): Promise<number> {
  await runWorkflow(settings, environment, 'stopping here', action === 'drain' ? drain : undrain);
  return 0;
}
