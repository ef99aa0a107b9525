import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { NewVm } from '../../../views/new/vm-file.ts';
import { leniently } from '../../settings/places.ts';
import { isNeeded, mistakeIn } from './judge.ts';
import { givenKeys } from './keys.ts';
import { knownAnyway, lookAround } from './look.ts';
import type { Surroundings } from './look.ts';
import { guestOf } from './words.ts';
import { fileOf, whyNotWritten, writeFile } from './write.ts';
import type { Wish } from './write.ts';
import { ASKED, flagOf, OPTIONAL, questionOf } from './questions.ts';
import type { Asked, Known } from './questions.ts';

/** `plow new` @returns the exit code @throws PlowError, Interrupted */
export async function runNew(wish: Wish, around: Surroundings): Promise<number> {
  const { environment, places, globals } = around;
  const defaults = { ...places.usual, at: leniently(places) };
  const keys = await keysGiven(wish.given.keys, around);
  const host = globals.host === undefined ? undefined : places.usual.host;
  const vm: NewVm = { ...wish.given, keys: keys.keys, host, guest: 'cloud-init' };
  const wrong = [
    ...mistakesIn(vm, defaults),
    ...keys.mistakes.map((mistake) => `--key ${mistake}`),
    ...(await whyNotWritten(fileOf(vm, wish.file), wish.isForced)),
  ];
  const open = ASKED.filter((key) => vm[key] === undefined);
  const lacking = open.filter((key) => !OPTIONAL.has(key) && isNeeded(key, vm, defaults));
  const isAsked = !wish.isQuiet && environment.ask !== undefined && environment.output.interactive;
  const missing = isAsked || wish.isQuiet ? [] : lacking;
  if (wrong.length + missing.length > 0) throw refusal(wrong, missing);
  if (isAsked && open.length > 0) {
    const { interview } = await import('./interview.ts');
    return interview(vm, wish, defaults, around);
  }
  const known = await (lacking.length === 0 ? knownAnyway(around) : lookAround(wish.file, defaults, around));
  const filled = withUsual({ ...known, vm }, lacking);
  const stillMissing = lacking.filter((key) => filled[key] === undefined);
  if (stillMissing.length > 0) throw refusal([], stillMissing);
  return writeFile({ ...known, vm: filled }, wish, defaults, around);
}

async function keysGiven(
  texts: readonly string[] | undefined,
  { environment }: Surroundings,
): Promise<{ readonly keys: readonly string[] | undefined; readonly mistakes: readonly string[] }> {
  const all = await Promise.all((texts ?? []).map((text) => givenKeys(text, environment)));
  const mistakes = all.flatMap((one) => ('mistake' in one ? [one.mistake] : []));
  const keys = texts && [...new Set(all.flatMap((one) => ('keys' in one ? one.keys : [])))];
  return { keys, mistakes };
}

/** Of flags, in the words in which VM files are told. */
function mistakesIn(vm: NewVm, defaults: DefaultsByHost): readonly string[] {
  return ASKED.flatMap((key) => {
    const mistake = key === 'keys' || vm[key] === undefined ? undefined : mistakeIn(key, vm, defaults);
    return mistake === undefined ? [] : [`${flagOf(key)} ${mistake}`];
  });
}

/** All at once. */
function refusal(wrong: readonly string[], lacking: readonly Asked[]): PlowError {
  const flags = lacking.map((key) => flagOf(key)).join(', ');
  const missing = lacking.length === 0 ? [] : [`plow new wants ${flags}`];
  const hint =
    lacking.length === 0
      ? undefined
      : 'in a terminal plow new asks; --yes takes what Enter would take there, where there is such a thing';
  return new PlowError('config', [...wrong, ...missing].join('\n'), hint === undefined ? {} : { hint });
}

/** What Enter would take, where nobody said anything. */
function withUsual(known: Known, lacking: readonly Asked[]): NewVm {
  let { vm } = known;
  for (const key of ASKED) {
    if (key === 'image') vm = { ...vm, guest: guestOf({ ...known, vm }) };
    if (vm[key] !== undefined || key === 'user') continue;
    if (!OPTIONAL.has(key) && !lacking.includes(key)) continue;
    const first = known.keys.slice(0, 1).map((own) => own.key);
    if (key === 'keys') vm = { ...vm, keys: first.length === 0 ? undefined : first };
    else vm = { ...vm, [key]: questionOf(key, { ...known, vm }).usual };
    if (key === 'image') vm = { ...vm, guest: guestOf({ ...known, vm }) };
  }
  return vm;
}
