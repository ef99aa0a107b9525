import type { TestHost } from '../integration/support.ts';
import { IMAGES } from '../integration/vms.ts';
import { differences } from '../lab/lab.ts';
import type { Census } from '../lab/lab.ts';
import { INJECTED, plowWith, remove, tells } from './faulty.ts';
import type { Fault, Traced } from './faulty.ts';
import { unless } from './matrix.ts';
import { takenAgain } from './revive.ts';
import type { Verb } from './rows/verb.ts';
import { ALL_CASES, tally } from './tally.ts';
import { CHANGES } from './tried.ts';
import { USUAL_VM } from './verbs.ts';

const KILLED = 137;
const UNTIL_STARTED = `while virsh -q domstate --reason web | grep -q 'starting up'; do :; done`;

/** A verb, and the names of the calls that something befalls: of all, where there are none. */
export interface Chosen {
  readonly verb: Verb;
  readonly calls: readonly string[] | undefined;
}

/** How many calls a sample takes, however many rows there are: what CI has the time for. */
const SAMPLED = 8;

/**
 * All of the verbs; or for a sample those that are the first to make a call which changes something, and if
 * these are too many, every so many of them.
 */
export function chosenOf(verbs: readonly Verb[]): readonly Chosen[] {
  if (ALL_CASES) return verbs.map((verb) => ({ verb, calls: undefined }));
  const first = new Map<string, Verb>();
  for (const verb of verbs) for (const call of verb.changes) if (!first.has(call)) first.set(call, verb);
  const all = [...first];
  const every = Math.max(1, all.length / SAMPLED);
  const taken = all.filter((_, index) => Math.floor(index / every) !== Math.floor((index - 1) / every));
  return [...new Set(taken.map(([, verb]) => verb))].map((verb) => ({
    verb,
    calls: taken.filter(([, owner]) => owner === verb).map(([call]) => call),
  }));
}

type Doom = Extract<Fault['action'], 'fail' | 'kill' | 'kill during' | 'kill after'>;

interface Undisturbed {
  /** What there is to see of the VM before and after. */
  readonly start: string;
  readonly end: string;
  readonly calls: readonly string[];
}

/**
 * Runs each verb once for each call and for each thing that befalls plow there. After each the VM must be as
 * it was, or plow has said what is half done; the same command must finish it; and nothing else may change.
 * @returns what was wrong
 */
export async function disturb(host: TestHost, chosen: readonly Chosen[]): Promise<readonly string[]> {
  const before = await host.census();
  const problems: string[] = [];
  let there: Verb | undefined;
  for (const one of chosen) {
    const { verb } = one;
    if (needsAnew(verb) || there === undefined || needsAnew(there)) await bring(host, verb);
    else await host.sh(`: ; ${verb.prepare}`);
    there = verb;
    const found = await disturbOne(host, one, before);
    if (verb.restore !== undefined) await host.sh(verb.restore);
    problems.push(...found.map((problem) => `plow ${verb.argv.join(' ')}: ${problem}`));
  }
  await remove(host, 'web');
  return [...problems, ...differences(before, await host.census())];
}

function needsAnew({ anew, config }: Verb): boolean {
  return anew === true || config !== undefined;
}

async function disturbOne(
  host: TestHost,
  { verb, calls }: Chosen,
  before: Census,
): Promise<readonly string[]> {
  const usual = await undisturbed(host, verb);
  const problems = [...unchanged(verb, usual)];
  let prepared: Census | undefined;
  for (const [at, action] of steps(usual.calls, calls)) {
    const take = async (): Promise<readonly string[]> => {
      prepared ??= await prepareAnew(host, verb);
      const { found, isAsBefore } = await step(host, verb, { at, action, usual, before, prepared });
      if (!isAsBefore) prepared = undefined;
      return found;
    };
    const found = await takenAgain([host], () => bringAnew(host, verb), take);
    if (found.length === 0) tally(action === 'fail' ? 'calls covered' : 'kill points', 1);
    problems.push(...found.map((problem) => `${usual.calls[at]} (${at}), ${action}: ${problem}`));
  }
  return problems;
}

const KINDS = ['fail', 'kill', 'kill during', 'kill after'] as const;
/** Before, during and after it all is the same. */
const KINDS_OF_READING = ['fail', 'kill'] as const;

/** Which calls something befalls, and what. */
function steps(made: readonly string[], chosen?: readonly string[]): readonly (readonly [number, Doom])[] {
  if (chosen !== undefined) {
    return chosen.flatMap((call) => [
      [made.indexOf(call), 'fail'] as const,
      [made.lastIndexOf(call), 'kill after'] as const,
    ]);
  }
  return [...made.entries()].flatMap(([at, call]) => {
    const all = CHANGES.test(call) ? KINDS : KINDS_OF_READING;
    return all.map((action) => [at, action] as const);
  });
}

/** @returns the host as the command is to find it */
async function prepareAnew(host: TestHost, verb: Verb): Promise<Census> {
  await (verb.anew === true ? bring(host, verb) : host.sh(`: ; ${verb.prepare}`));
  return host.census();
}

/** A VM for a verb to meet, in place of the one that is there. */
async function bring(host: TestHost, { prepare, config = USUAL_VM, anew, restore }: Verb): Promise<void> {
  if (anew === true && restore !== undefined) await host.sh(restore);
  await remove(host, 'web');
  await host.given(config);
  await host.sh(`: ; ${prepare}`);
}

/** As `bring`, whatever is there. */
async function bringAnew(host: TestHost, verb: Verb): Promise<void> {
  await host.sweep();
  await bring(host, verb);
}

async function undisturbed(host: TestHost, verb: Verb): Promise<Undisturbed> {
  const start = await look(host, verb);

  const { code, stderr, references, calls } = await plowWith(host, verb.argv);
  if (code !== 0 || references !== 0)
    throw new Error(`exit code ${code}, ${references} references: ${stderr}`);
  return { start, end: await look(host, verb), calls };
}

/** What makes a pool for a while, and reads. */
const LENT = /^vir(?:StoragePool|Stream)/u;

/** What the table says of a verb, and what it does. */
function unchanged({ changes }: Verb, { start, end, calls }: Undisturbed): readonly string[] {
  const made = [...new Set(calls.filter((call) => CHANGES.test(call)))].toSorted().join(', ');
  const told = changes.toSorted().join(', ');
  return [
    ...unless(made === told, `changes by ${made}, and not by ${told}`),
    ...unless(
      (start !== end) === changes.some((call) => !LENT.test(call)),
      'what is looked at does not change, or is not to',
    ),
  ];
}

interface Step {
  readonly at: number;
  readonly action: Doom;
  readonly usual: Undisturbed;
  /** The host without the VM. */
  readonly before: Census;
  /** The host as the command finds it. */
  readonly prepared: Census;
}

interface Told {
  readonly found: readonly string[];
  /** Nothing has changed: the same command would do as it does when nothing goes wrong. */
  readonly isAsBefore: boolean;
}

async function step(host: TestHost, verb: Verb, planned: Step): Promise<Told> {
  const { at, action, usual, before, prepared } = planned;
  try {
    const fault = action === 'fail' ? { at, action, error: INJECTED } : { at, action };
    const befallen = await plowWith(host, ['--verbose', ...verb.argv], fault);
    // What libvirtd was asked it does, whether anyone waits for it or not.
    await host.sh(UNTIL_STARTED);
    const now = await look(host, verb);
    const isAsBefore = now === usual.start && differences(prepared, await host.census()).length === 0;
    const found = [
      ...unless((befallen.references ?? 0) === 0, `${befallen.references} references`),
      ...(action === 'fail'
        ? wrongEnd(verb, planned, befallen, now)
        : unless(befallen.code === KILLED, `exit code ${befallen.code}`)),
    ];
    if (isAsBefore) return { found, isAsBefore };
    const finished = await finishes(host, verb, usual);
    const others = ofOthers(differences(before, await host.census()));
    return { found: [...found, ...finished, ...others], isAsBefore };
  } catch (error) {
    return { found: [String(error)], isAsBefore: false };
  }
}

/** What is wrong with how plow ended after a call that failed, and with what it left. */
function wrongEnd(verb: Verb, { at, usual }: Step, befallen: Traced, now: string): readonly string[] {
  const { code, stderr } = befallen;
  const call = usual.calls[at] ?? '';
  const named = verb.halfDone?.test(stderr) === true;
  if (code === 0) return unless(now === usual.end || named, `ended with 0, and not done: ${now}`);
  const told = call === 'virConnectOpen' || tells(befallen, call, INJECTED);
  return [
    ...unless(told, `not the one error: ${stderr}`),
    ...unless(named || now === usual.start, `not as it was: ${now}; ${stderr}`),
  ];
}

/** The same command does what is left to do, be it nothing. */
async function finishes(host: TestHost, verb: Verb, { end }: Undisturbed): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const argv of [...(verb.before ?? []), verb.argv]) {
    const { code, stderr } = await host.plow(argv);
    problems.push(...unless(code === 0, `again: plow ${argv[0]} ended with ${code}: ${stderr}`));
  }
  const now = await look(host, verb);
  return [...problems, ...unless(now === end, `again: not as it should be: ${now}`)];
}

/** What there is to see of the VM; that which differs from one VM to the next is left out. */
async function look(host: TestHost, { shows = ':' }: Verb): Promise<string> {
  return host.sh(`{ virsh -q 'domstate web; dominfo web; dumpxml --inactive web'
      find ${IMAGES}/web | sort; ${shows}; } | sed -E '
      /^(Id|CPU time|Security label|Messages):/d
      s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g
      s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g
      s/(snap|boot|cloudinit|plow-[a-z]+)-[0-9a-f]{8}/\\1-MARK/g
      s/mark([":&quot;]+)[0-9a-f]{8}/mark\\1MARK/g
      s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z/TIME/g'`);
}

/** Of what is not as it was: all but the VM's own. */
function ofOthers(changes: readonly string[]): readonly string[] {
  return changes.filter((line) => !/\bweb(?:\b|_VARS)/u.test(line));
}
