import { resolve } from 'node:path';
import { NETWORK_FILE } from '../../../config/network-file/network-file.ts';
import { readNetworkFile } from '../../../config/network-file/read.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { isOwn, withoutMark } from '../../../routing/own.ts';
import { removeScript } from '../../../routing/remove-script.ts';
import { setupScript } from '../../../routing/setup-script.ts';
import { quote } from '../../../text/quote.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import type { Environment } from '../../environment.ts';
import type { GlobalOptions } from '../../record/command.ts';
import { allSettingsOf, onlyOne } from '../../settings/settings.ts';

/** What is the same for setup and removal. */
interface How {
  readonly isDryRun: boolean;
  /** For another hypervisor: the script is printed. */
  readonly isScript: boolean;
}

/** The system's libvirt of this machine. */
const HERE = /^qemu(?:\+unix)?:\/\/\/system(?:[?#]|$)/u;

/** `plow network setup` @returns the exit code @throws PlowError */
export async function runNetworkSetup(
  { file = NETWORK_FILE, isDryRun, isScript }: How & { readonly file: string | undefined },
  globals: GlobalOptions,
  environment: Environment,
): Promise<number> {
  if (!isScript) await refuseElsewhere('setup', globals, environment);
  const read = await readNetworkFile(file);
  if (read === undefined) throw missing(file);
  const isInPlace = !isScript && resolve(file) === NETWORK_FILE;
  const text = isOwn(read.text) ? withoutMark(read.text) : read.text;
  const setup = { network: read.network, text: isInPlace ? undefined : text, isDryRun };
  return run(setupScript(setup), isScript, environment);
}

/** `plow network remove` @returns the exit code @throws PlowError */
export async function runNetworkRemove(
  { isForced, isDryRun, isScript }: How & { readonly isForced: boolean },
  globals: GlobalOptions,
  environment: Environment,
): Promise<number> {
  if (!isScript) await refuseElsewhere('remove', globals, environment);
  return run(removeScript({ isDryRun, isForced }), isScript, environment);
}

function missing(file: string): PlowError {
  return new PlowError(
    'config',
    `there is no ${quote(file)}, which says what addresses routed VMs may have`,
    {
      hint: `write it, for instance:  prefixes: [10.55.0.0/16]  (docs/network.md; plow schema network)`,
    },
  );
}

/** @throws PlowError (config) where another hypervisor is meant, or somebody else than root asks */
async function refuseElsewhere(
  action: 'setup' | 'remove',
  globals: GlobalOptions,
  environment: Environment,
): Promise<void> {
  const { uri, host } = onlyOne(await allSettingsOf(globals, environment, 'the connection'));
  const hint = `for another hypervisor: plow network ${action} --script | ssh root@${host ?? 'HOST'} sh`;
  if (!HERE.test(uri)) {
    const message = `network ${action} works on the hypervisor itself, not over ${quote(withoutPassword(uri))}`;
    throw new PlowError('config', message, { hint });
  }
  if (environment.userId !== 0) {
    const message = `network ${action} writes below /etc and needs root`;
    throw new PlowError('config', message, { hint: `sudo plow network ${action}; ${hint}` });
  }
}

/** One script for this machine and others: what is tried here is what works there. */
async function run(script: string, isScript: boolean, environment: Environment): Promise<number> {
  if (isScript) {
    environment.output.print(script.trimEnd());
    return 0;
  }
  const code = await environment.foreground('sh', ['-c', script]);
  if (code === 'missing')
    throw new PlowError('operation', 'there is no sh on this machine, which setup needs');
  return code;
}
