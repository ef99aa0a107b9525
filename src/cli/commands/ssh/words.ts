import { PlowError } from '../../../errors/plow-error.ts';
import { quote } from '../../../text/quote.ts';
import type { Place } from './arguments.ts';

/** Whom guests have: also those of a directory service. Never what ssh could take for an option. */
const USER = /^[\w.][\w.@+-]{0,63}$/u;

/** `admin@web` or `web`. */
export interface VmWord {
  readonly vm: string;
  readonly user: string | undefined;
}

/** @param wish of `-l`, which goes before @throws PlowError (config) */
export function readVmWord(word: string, wish: string | undefined): VmWord {
  const at = word.lastIndexOf('@');
  const user = wish ?? (at < 0 ? undefined : word.slice(0, at));
  if (user !== undefined && !USER.test(user)) {
    throw new PlowError('config', `${quote(user)} cannot be the name of a user`);
  }
  return { vm: word.slice(at + 1), user };
}

/** As scp takes them: what has a colon before its first slash is in a VM. @throws PlowError (config) */
export function readPlaces(words: readonly string[]): {
  readonly vm: string;
  readonly places: readonly Place[];
} {
  const read = words.map((word): Place & { readonly vm?: string } => {
    const { vm, remote } = /^(?<vm>[^/:]+):(?<remote>.*)$/su.exec(word)?.groups ?? {};
    return vm === undefined || remote === undefined ? { local: word } : { vm, remote };
  });
  const [vm, ...more] = [...new Set(read.flatMap((place) => place.vm ?? []))];
  if (vm === undefined) {
    throw new PlowError('config', 'scp wants a file of a VM, as my-vm:/etc/hosts', {
      hint: 'plow help scp has examples',
    });
  }
  if (more.length > 0) throw new PlowError('config', 'scp copies from or to one VM at a time');
  const isFromVm = read.slice(0, -1).every((place) => 'remote' in place);
  const isToVm = 'remote' in (read.at(-1) ?? {});
  const sources = read.slice(0, -1);
  if (read.length < 2 || (isToVm ? !sources.every((place) => 'local' in place) : !isFromVm)) {
    throw new PlowError('config', 'scp copies files of here into a VM, or files of a VM to here', {
      hint: 'sources first, and last of all where they go: plow scp a b my-vm:/tmp/',
    });
  }
  const places = read.map((place) => ('remote' in place ? { remote: place.remote } : { local: place.local }));
  return { vm, places };
}
