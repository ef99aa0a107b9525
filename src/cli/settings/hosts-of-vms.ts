import { PlowError } from '../../errors/plow-error.ts';
import { quote } from '../../text/quote.ts';
import type { Environment } from '../environment.ts';
import type { ArgumentRecord, Call, GlobalOptions } from '../record/command.ts';
import { settingsFileOf } from './files.ts';

/** `hv2:web`, and for ssh `root@hv2:web`. */
const WORD = /^(?<user>[^@:]*@)?(?<host>[^:@]+):(?<name>.*)$/su;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/iu;

type Typed = Pick<Call<readonly unknown[], object>, 'args' | 'globals'>;

/**
 * Takes the host off words such as `hv2:web`, as if --host had named it; where they name several hosts, all
 * are meant and each word keeps its own. What is before the colon counts only
 * where the settings file has such a host: names of VMs of other tools, and MAC addresses, have colons too.
 * @param records of the arguments @throws PlowError (config)
 */
export async function takeHosts(
  { args, globals }: Typed,
  records: readonly ArgumentRecord[],
  environment: Environment,
): Promise<Typed> {
  const file = await settingsFileOf(globals, environment);
  const known = new Set(Object.keys(file?.values.hosts ?? {}));
  const named = new Map<string, string>();
  const others: string[] = [];
  const take = (word: unknown, mayBeNone: boolean): unknown => {
    if (typeof word !== 'string') return word;
    const { user = '', host = '', name } = WORD.exec(word)?.groups ?? {};
    if (name === undefined || !known.has(host) || MAC.test(word)) {
      if (!mayBeNone) others.push(word);
      return word;
    }
    named.set(host, word);
    return `${user}${name}`;
  };
  const bare = args.map((arg: unknown, index) => {
    const record = records[index];
    if (record?.completes?.kind !== 'vms') return arg;
    if (!Array.isArray(arg)) return take(arg, false);
    // The last word may be no VM.
    const last = record.endsOtherwise?.(args) === true ? arg.length - 1 : undefined;
    return arg.map((word, at) => take(word, at === last));
  });
  const hosts = [...named.keys()];
  const [host] = hosts;
  if (host === undefined) return { args, globals };
  const [without] = others;
  if (without !== undefined) {
    const message = `${quote(named.get(host) ?? '')} names its host, and ${quote(without)} does not`;
    throw new PlowError('config', message, { hint: `${host}:${without}, or --host ${host} for all of them` });
  }
  const meant = agreed(hosts.join(','), named.get(host) ?? '', globals);
  // Which VM is on which of several the command has to know.
  return { args: hosts.length > 1 ? args : bare, globals: { ...globals, host: meant } };
}

/** @throws PlowError (config) where an option says otherwise */
function agreed(host: string, word: string, { host: option, connect, allHosts }: GlobalOptions): string {
  const says =
    connect !== undefined
      ? '--connect'
      : allHosts === true
        ? '--all-hosts'
        : option === undefined
          ? undefined
          : `--host ${option}`;
  if (says === undefined || says === `--host ${host}`) return host;
  throw new PlowError('config', `${quote(word)} names its host, and does not go with ${says}`);
}
