import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlowError } from '../../../errors/plow-error.ts';
import { installing } from '../../../text/installing.ts';
import type { Packages } from '../../../text/installing.ts';
import { printable } from '../../../text/printable.ts';
import { knownHosts } from '../../../views/ssh/known-hosts.ts';
import { sshTarget } from '../../../vm/ssh/target.ts';
import type { SshTarget } from '../../../vm/ssh/target.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { scpArguments, sshArguments } from './arguments.ts';
import type { SshCall } from './arguments.ts';
import { readPlaces, readVmWord } from './words.ts';

/** Where ssh and scp come from. */
export const OPENSSH: Packages = { apt: 'openssh-client', dnf: 'openssh-clients', zypper: 'openssh-clients' };

interface Wish {
  readonly login: string | undefined;
  readonly identity: string | undefined;
  readonly acceptNewHostKey: boolean;
}

/** A program of OpenSSH, and its arguments. */
interface Work {
  readonly program: 'ssh' | 'scp';
  readonly vm: string;
  readonly argumentsFor: (target: SshTarget, call: SshCall) => readonly string[];
}

/** `plow ssh <[user@]vm-name> [command...]` @returns the exit code of ssh @throws PlowError */
export function runSsh(
  vm: string,
  command: readonly string[],
  { tty, ...wish }: Wish & { readonly tty: boolean },
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const argumentsFor: Work['argumentsFor'] = (target, call) =>
    sshArguments(target, { ...call, tty }, command);
  return runOpenSsh({ program: 'ssh', vm, argumentsFor }, wish, settings, environment);
}

/** `plow scp <files...>` @returns the exit code of scp @throws PlowError */
export function runScp(
  words: readonly string[],
  { recursive, quiet, ...wish }: Wish & { readonly recursive: boolean; readonly quiet: boolean },
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const { vm, places } = readPlaces(words);
  const argumentsFor: Work['argumentsFor'] = (target, call) =>
    scpArguments(target, { ...call, recursive, quiet }, places);
  return runOpenSsh({ program: 'scp', vm, argumentsFor }, wish, settings, environment);
}

async function runOpenSsh(
  { program, vm, argumentsFor }: Work,
  { login, identity, acceptNewHostKey }: Wish,
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const word = readVmWord(vm, login);
  checkVmName(program, word.vm);
  const target = await withHypervisor(settings, environment, (hypervisor) => sshTarget(word.vm, hypervisor), {
    lacks: 'an address that only the agent of the guest tells is not known',
  });
  const call = { user: word.user ?? target.user, identity };
  const run = (trust: SshCall['knownHosts']): Promise<number> =>
    foreground(program, argumentsFor(target, { ...call, knownHosts: trust }), environment);
  if (target.hostKeys.length > 0) return withKnownHosts(target, environment, (file) => run({ file }));
  if (!acceptNewHostKey) environment.output.say(printable(unknownKeys(target)));
  return run(acceptNewHostKey ? 'accept-new' : 'own');
}

function unknownKeys({ name }: SshTarget): string {
  return `note: plow does not know the host keys of VM '${name}': ssh takes it only if your own known_hosts does (--accept-new-host-key adds a new one)`;
}

async function foreground(
  program: Work['program'],
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const code = await environment.foreground(program, words);
  if (code !== 'missing') return code;
  throw new PlowError('config', `there is no ${program} on this machine`, {
    hint: installing(OPENSSH, undefined),
  });
}

/** ssh splits the name of the file at blanks, and knows signs of its own in it. */
const PLAIN_PATH = /^\/[\w./-]*$/u;

/** A file that only the user reads, for as long as ssh runs. */
async function withKnownHosts(
  target: SshTarget,
  environment: Environment,
  work: (file: string) => Promise<number>,
): Promise<number> {
  const directory = await temporaryDirectory(environment);
  try {
    const file = join(directory, 'host-keys-that-plow-made');
    await writeFile(file, `${knownHosts(target).join('\n')}\n`, { mode: 0o600, flag: 'wx' });
    return await work(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Nobody else looks into it. Whoever asked for it removes it. @throws PlowError (config) */
export async function temporaryDirectory({ variables }: Pick<Environment, 'variables'>): Promise<string> {
  const { TMPDIR: wish = '' } = variables;
  try {
    return await mkdtemp(join(PLAIN_PATH.test(wish) ? wish : '/tmp', 'plow-ssh-'));
  } catch (cause) {
    throw new PlowError('config', 'cannot make a temporary file for ssh', { detail: String(cause), cause });
  }
}
