import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { listedState, plowWith } from './faulty.ts';
import type { Traced } from './faulty.ts';
import { atEachCall, destroyTakesAll, leftovers, STOPPING, unless } from './matrix.ts';
import type { Check, Sample, Sampled, Step } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { DEAF, EVERYTHING, OBEDIENT, VARIANTS } from './variants.ts';
import type { Variant } from './variants.ts';

const host = useHost();
type Signal = readonly ['SIGINT' | 'SIGTERM', number];
const SIGNALS: readonly Signal[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
];
/** Both are taken by the same lines of code, so that a few calls are enough for the second of them. */
const FEW: Readonly<Record<Signal[0], Sample | undefined>> = ALL_CASES
  ? { SIGINT: undefined, SIGTERM: undefined }
  : {
      SIGINT: undefined,
      SIGTERM: {
        calls: /^vir(?:StorageVol(?:CreateXML|Delete)|Domain(?:Create|SetMetadata|UndefineFlags))$/u,
        fewest: 3,
      },
    };

/** Until plow is connected a signal ends it at once; there is nothing to say then. */
function unwell({ at }: Step, [signal, code]: Signal, { code: ended, stderr }: Traced): readonly string[] {
  const said = new RegExp(
    `^\ninterrupted: .*\n(?:note: .*\n|uploading .*\n)*interrupted by ${signal}: .*\n$`,
    'u',
  );
  const told = at === 0 ? stderr === '' : said.test(stderr.replace(/^uploading .*\n/u, ''));
  return unless(ended === code && told, `exit code ${ended}: ${stderr}`);
}

function checkCreate(signal: Signal): Check {
  return async (step) => {
    const { host: current, at, file, calls } = step;
    const fault = { at, action: 'signal', signal: signal[0] } as const;
    const result = await plowWith(current, ['create', file], fault);
    if (at < calls.lastIndexOf('virDomainSetMetadata')) {
      return [...unwell(step, signal, result), ...(await leftovers(step))];
    }
    // The last change is on its way: too late to take anything back.
    const state = await listedState(current, 'web');
    return [
      ...unless([0, signal[1]].includes(result.code), `exit code ${result.code}: ${result.stderr}`),
      ...unless(state === 'running', `listed as ${state}`),
    ];
  };
}

function checkDestroy(signal: Signal, { guest }: Variant): Check {
  return async (step) => {
    const { host: current, at, calls } = step;
    const fault = { at, action: 'signal', signal: signal[0] } as const;
    const result = await plowWith(current, ['destroy', 'web'], fault);
    const state = await listedState(current, 'web');
    const listed = state !== undefined;
    if (at < calls.indexOf('virDomainUndefineFlags')) {
      // Nobody waits any longer for a guest, or forces it off.
      const expected = { off: 'shut off', obedient: state, deaf: 'running' }[guest];
      return [
        ...unless(listed && state === expected, `listed as ${state}`),
        ...unwell(step, signal, result),
        ...(await destroyTakesAll(step, listed)),
      ];
    }
    return [
      ...unless(!listed, 'it is still there'),
      ...unless([0, signal[1]].includes(result.code), `exit code ${result.code}: ${result.stderr}`),
      ...(await leftovers(step)),
    ];
  };
}

const chosen = ALL_CASES ? VARIANTS : [EVERYTHING];

describe.each(chosen)('$title', (variant) => {
  it.each(SIGNALS)('a create that gets %s at any call takes everything back', async (...signal) => {
    const only = FEW[signal[0]];
    const covered = {
      workflow: 'create',
      counter: 'interruptions',
      only,
      tried: new Tried(CHANGES),
    } as const;
    expect(await atEachCall(host(), variant, covered, checkCreate(signal))).toEqual([]);
  });
});

const DESTROYED: readonly Sampled[] = [
  ...chosen,
  { ...OBEDIENT, only: { calls: STOPPING, fewest: 3 } },
  // While plow waits for it.
  { ...DEAF, only: { calls: /^virDomain(?:ShutdownFlags|GetState)$/u, fewest: 2 } },
];

describe.each(DESTROYED)('$title', ({ only, ...variant }) => {
  it.each(SIGNALS)('a destroy that gets %s at any call can be run again', async (...signal) => {
    const few = FEW[signal[0]];
    // A destroy makes no volume and starts nothing.
    const calls = only ?? (few && { ...few, fewest: 2 });
    const covered = {
      workflow: 'destroy',
      counter: 'interruptions',
      only: calls,
      tried: new Tried(only === undefined ? CHANGES : undefined),
    } as const;
    expect(await atEachCall(host(), variant, covered, checkDestroy(signal, variant))).toEqual([]);
  });
});
