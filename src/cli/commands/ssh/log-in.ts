import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlowError } from '../../../errors/plow-error.ts';
import { installing } from '../../../text/installing.ts';
import { askSsh } from '../../../this-machine/ask-ssh.ts';
import { knownHosts } from '../../../views/ssh/known-hosts.ts';
import type { GateTools, Login } from '../../../vm/gate/wish.ts';
import type { SshTarget } from '../../../vm/ssh/target.ts';
import type { Environment } from '../../environment.ts';
import { sshArguments } from './arguments.ts';
import { OPENSSH, temporaryDirectory } from './run.ts';

/** More than the ten seconds after which a guest sends somebody away who is to log in as another. */
const WITHIN_MS = 20_000;
const CONNECT_WITHIN_S = 10;

/** With that key alone: no file, agent or connection of the user's has a say. */
const NOTHING_ELSE = [
  '-F',
  '/dev/null',
  ...[
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'ForwardAgent=no',
    `ConnectTimeout=${CONNECT_WITHIN_S}`,
  ].flatMap((option) => ['-o', option]),
];

/** Tries keys at guests, by ssh of this machine. */
export function loginTools(environment: Pick<Environment, 'variables'>): GateTools {
  return {
    assertCanLogIn: async () => {
      if ((await askSsh('ssh', ['-V'], WITHIN_MS)).kind === 'through') return;
      throw new PlowError('config', 'there is no ssh on this machine', {
        hint: installing(OPENSSH, undefined),
      });
    },
    logIn: (target, privateKey, signal) => logIn(target, { privateKey, signal }, environment),
  };
}

/** Its files are gone when this ends. */
async function logIn(
  target: SshTarget,
  { privateKey, signal }: { readonly privateKey: string; readonly signal: AbortSignal },
  environment: Pick<Environment, 'variables'>,
): Promise<Login> {
  const directory = await temporaryDirectory(environment);
  try {
    const [identity, file] = [join(directory, 'key'), join(directory, 'host-keys')];
    const how = { mode: 0o600, flag: 'wx' } as const;
    await writeFile(identity, privateKey, how);
    await writeFile(file, `${knownHosts(target).join('\n')}\n`, how);
    const call = { user: target.user, identity, knownHosts: { file }, tty: false };
    const words = [...NOTHING_ELSE, ...sshArguments(target, call, ['true'])];
    const answer = await askSsh('ssh', words, WITHIN_MS, signal);
    if (answer.kind !== 'through') return answer;
    // A guest may let somebody in to say that he is not wanted.
    if (answer.code === 0) return { kind: 'in' };
    return {
      kind: 'refused',
      words: `it lets ${target.user ?? 'nobody'} run nothing (exit code ${answer.code})`,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
