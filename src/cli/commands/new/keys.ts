import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keyFileMistake, keyLines } from '../../../config/values/key-file.ts';
import { sshKeyMistake } from '../../../config/values/ssh-key.ts';
import { VmFileReader } from '../../../config/vm-file/reader.ts';
import { agentKeys } from '../../../this-machine/keys/agent.ts';
import { quote } from '../../../text/quote.ts';
import type { Environment } from '../../environment.ts';
import type { OwnKey } from './questions.ts';

/** In place of a key: nobody logs in with one. */
export const NO_KEY = 'none';

/** More than a person has; an agent of somebody else may say anything. */
const MOST_KEYS = 32;

/** What a person gave as a key: its text, a file of keys, or the word for none. */
export type GivenKeys = { readonly keys: readonly string[] } | { readonly mistake: string };

/** @param text `ssh-ed25519 AAAA...`, `~/.ssh/id_ed25519.pub`, or `none` */
export async function givenKeys(
  text: string,
  { variables }: Pick<Environment, 'variables'>,
): Promise<GivenKeys> {
  const word = text.trim();
  if (word === NO_KEY) return { keys: [] };
  if (word === '') return { mistake: `expected a public key, a file of them, or ${NO_KEY}` };
  const mistake = sshKeyMistake(word);
  if (mistake === undefined) return { keys: [word] };
  if (/\s/u.test(word) || /^(?:ssh|ecdsa|sk)-/u.test(word)) return { mistake };
  return keysInFile(word.replace(/^~(?=\/)/u, variables['HOME'] ?? '~'));
}

async function keysInFile(path: string): Promise<GivenKeys> {
  const read = await keyText(path);
  if (typeof read !== 'string')
    return { mistake: `${quote(path)} is no public key, and as a file it ${read.problem}` };
  const mistake = keyFileMistake(read);
  if (mistake !== undefined) return { mistake: `${quote(path)}: ${mistake}` };
  return { keys: keyLines(read).map(({ line }) => line) };
}

/** @param path relative to the directory in which plow was started */
function keyText(path: string): Promise<string | { readonly problem: string }> {
  return new VmFileReader({ anywhere: true }).namedBy('new.yaml').text(path, 'keys');
}

/** Public keys of the user, each once: those of the agent, then those of ~/.ssh/*.pub. */
export async function ownKeys(environment: Pick<Environment, 'variables'>): Promise<readonly OwnKey[]> {
  const agent = (await agentKeys()).map((key) => ({ key, from: 'ssh-agent' }));
  const all = [...agent, ...(await keysOfHome(environment))].flatMap(({ key, from }) => {
    const usable = usableKey(key);
    return usable === undefined ? [] : [{ key: usable, from }];
  });
  const blobs = all.map(({ key }) => key.split(' ', 2).join(' '));
  return all.filter((_, index) => blobs.indexOf(blobs[index] ?? '') === index).slice(0, MOST_KEYS);
}

async function keysOfHome({ variables }: Pick<Environment, 'variables'>): Promise<readonly OwnKey[]> {
  const home = variables['HOME'];
  if (home === undefined || home === '') return [];
  const names = await readdir(join(home, '.ssh')).catch((): string[] => []);
  const found: OwnKey[] = [];
  for (const name of names
    .filter((one) => one.endsWith('.pub'))
    .toSorted()
    .slice(0, MOST_KEYS)) {
    const text = await keyText(join(home, '.ssh', name));
    if (typeof text !== 'string') continue;
    found.push(...keyLines(text).map(({ line }) => ({ key: line, from: `~/.ssh/${name}` })));
  }
  return found;
}

/** As a VM file takes it; a comment that it would not take is left out. Undefined: it is no key. */
function usableKey(line: string): string | undefined {
  const words = line.trim().split(/[ \t]+/u);
  const whole = words.join(' ');
  if (sshKeyMistake(whole) === undefined) return whole;
  const bare = words.slice(0, 2).join(' ');
  return sshKeyMistake(bare) === undefined ? bare : undefined;
}
